import { createServer } from '../../../src/service/http/server.ts';
import { send, sendBytes } from '../../../test/support/send.ts';
import { createTestService } from '../../../test/support/service.ts';
import { Broken, type FuzzTarget } from '../target.ts';
import { fixturesOf, inputOf } from '../texts.ts';
import { goodQuestion, servicePolicy } from './service-requests.ts';

const host = 'Host: x\r\n';
const requestSeeds = [
  `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  `GET /v1/policy HTTP/1.1\r\n${host}\r\nGET /metrics HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
  `POST /v1/check HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 58\r\nConnection: close\r\n\r\n${JSON.stringify(goodQuestion)}`,
  `POST /v1/check HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3a\r\n${JSON.stringify(goodQuestion)}\r\n0\r\n\r\n`,
  `POST /access/v1/evaluation HTTP/1.1\r\n${host}Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  `GET /auth-request HTTP/1.1\r\n${host}X-Original-URI: /pages/a\r\nX-Original-Method: GET\r\nAuthorization: token=x\r\nConnection: close\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\n${host}Connection: upgrade\r\nUpgrade: h2c\r\n\r\n`,
];

/** Bytes on a socket. Ones that end no request are closed by the client. */
export const httpTarget: FuzzTarget = {
  name: 'http',
  title:
    'whatever bytes come over a connection, the service answers or closes it, and goes on answering others',
  seeds: () => [...requestSeeds.map(inputOf), ...fixturesOf('http').map(({ input }) => input)],
  tokens: [
    ...[
      '\r\n',
      '\r\n\r\n',
      ' HTTP/1.1',
      ' HTTP/1.0',
      ' HTTP/2.0',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'Host: y\r\n',
      'Content-Length: 0\r\n',
    ],
    ...[
      'Content-Length: -1\r\n',
      'Content-Length: 99999999999\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, identity\r\n',
    ],
    ...[
      'Connection: keep-alive\r\n',
      'Authorization: Bearer a.b.c\r\n',
      'Cookie: a=b; a=c\r\n',
      'X-Request-Id: 1\r\n',
      'Expect: 100-continue\r\n',
    ],
    ...[
      '0\r\n\r\n',
      'ffffffff\r\n',
      '1;x=y\r\n',
      'POST ',
      'GET ',
      'CONNECT x:1',
      'http://x/v1/check',
      '/v1/check',
      '//',
      '/%00',
      '/%',
      '\n',
      '\r',
    ],
  ],
  maxLength: 24 * 1024,
  async open() {
    const app = createServer(createTestService(servicePolicy));
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    return {
      run: async (input) => {
        const received = await sendBytes(address, input, 40);
        for (const [, status] of received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)) {
          if (/^5/.test(status!) && status !== '503' && status !== '501' && status !== '505')
            throw new Broken(`answered with ${status}`, received.slice(0, 500));
        }
        const headers = ['Content-Type', 'application/json'];
        const control = await send(address, {
          method: 'POST',
          path: '/v1/check',
          headers,
          body: JSON.stringify(goodQuestion),
        });
        if (control.status !== 200 || !control.body.includes('"allow"'))
          throw new Broken('a good request is not answered', control.body);
      },
      close: () => app.close(),
    };
  },
};
