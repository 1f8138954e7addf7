import { Server, type ServerOptions } from 'node:https';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigurationError } from '../../index.ts';
import type { TlsConfig } from '../config/config.ts';
import { readConfiguredFile } from '../config/configured-file.ts';

/**
 * What an HTTPS server needs. With an authority for clients, who has no certificate of it gets no connection.
 *
 * @throws {FileError | ConfigurationError} if the files cannot be read or do not belong together
 */
export function readTlsOptions(tls: TlsConfig): ServerOptions {
  const context = readContext(tls);
  const isMutual = tls.clientAuthorityFile !== undefined;
  return { ...context, ...(isMutual ? { requestCert: true, rejectUnauthorized: true } : {}) };
}

/**
 * Exchanges certificate, key and authorities for new connections.
 *
 * @throws {FileError | ConfigurationError} and keeps what was there
 */
export function renewTls(server: unknown, tls: TlsConfig): void {
  if (server instanceof Server) server.setSecureContext(readContext(tls));
}

function readContext({ certificateFile, keyFile, clientAuthorityFile }: TlsConfig): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readConfiguredFile(certificateFile, 'certificate'),
    key: readConfiguredFile(keyFile, 'private key'),
    minVersion: 'TLSv1.2',
    ...(clientAuthorityFile === undefined
      ? {}
      : { ca: readConfiguredFile(clientAuthorityFile, 'authority of clients') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new ConfigurationError(`certificate and private key cannot be used: ${(error as Error).message}`);
  }
  return options;
}
