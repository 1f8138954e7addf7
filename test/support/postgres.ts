import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * A server of PostgreSQL of our own: a new cluster in a temporary folder, on a port of the loopback that the system chose, with
 * nothing relaxed that keeps what is committed. It goes with `remove`.
 */
export class PostgresServer {
  readonly port: number;
  readonly #folder: string;
  readonly #binaries: string;
  readonly #account: Account | undefined;
  #databases = 0;

  private constructor(folder: string, binaries: string, port: number, account: Account | undefined) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.port = port;
    this.#account = account;
  }

  /** @throws if PostgreSQL is not installed, or does not start */
  static async create(): Promise<PostgresServer> {
    const binaries = findBinaries();
    if (binaries === undefined) throw new Error(notInstalled);
    const folder = mkdtempSync(join(tmpdir(), 'postern-postgres-'));
    // It refuses to run as root.
    const account = userInfo().uid === 0 ? accountOf('postgres') : undefined;
    if (account !== undefined) chownSync(folder, account.uid, account.gid);
    const server = new PostgresServer(folder, binaries, await freePort(), account);
    const options = ['--username=postern', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await server.#run('initdb', ['-D', server.#data, ...options]);
    await server.start();
    return server;
  }

  /** The URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    const name = `test${++this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  urlOf(database: string): string {
    return `postgres://postern@127.0.0.1:${this.port}/${database}`;
  }

  /** Runs a statement as the owner of everything. @returns what it prints, without headings */
  query(text: string, database = 'postgres'): Promise<string> {
    const place = ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'postern', '-d', database];
    return this.#run('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', ...place, '-c', text]);
  }

  async start(): Promise<void> {
    const settings = `-p ${this.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c log_statement=none`;
    await this.#control('start', '-l', join(this.#folder, 'log'), '-o', settings);
  }

  /** `fast` ends what runs, `immediate` is what a crash does: the next start recovers. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await this.#control('stop', '-m', mode);
  }

  /** Kills every server process that works for a client, as the kernel does when memory runs out: all restart. */
  killBackends(): void {
    const postmaster = readFileSync(join(this.#data, 'postmaster.pid'), 'utf8').split('\n')[0]!;
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
      .trim()
      .split(' ');
    for (const child of children) {
      try {
        const title = readFileSync(`/proc/${child}/cmdline`, 'utf8');
        if (title.includes('127.0.0.1')) process.kill(Number(child), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  async remove(): Promise<void> {
    try {
      await this.stop('immediate');
    } catch {
      // A test has stopped it.
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  #control(...args: readonly string[]): Promise<string> {
    return this.#run('pg_ctl', ['-D', this.#data, '-w', '-t', '60', ...args]);
  }

  #run(program: string, args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(this.#binaries, program), args, {
        cwd: this.#folder,
        env: { ...process.env, LC_ALL: 'C' },
        ...this.#account,
      });
      let output = '';
      let complaints = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaints += text;
      });
      child.once('error', reject);
      // Not `close`: the server that `pg_ctl` leaves behind keeps the pipes.
      child.once('exit', (code) => {
        if (code === 0) resolve(output.trim());
        else reject(new Error(`${program} ${args.join(' ')}: ${complaints || output}`));
      });
    });
  }
}

const notInstalled =
  'PostgreSQL is not installed, and the store is tested with it. On Debian: apt-get install postgresql. To leave those tests out: POSTERN_NO_POSTGRES=1';

/** Whether the tests that need it are to run. They fail where it is not installed, unless somebody has said that this is meant. */
export function wantsPostgres(): boolean {
  if (process.env.POSTERN_NO_POSTGRES !== '1') return true;
  console.warn('POSTERN_NO_POSTGRES=1: the tests of the store with PostgreSQL are left out');
  return false;
}

/** Of the newest version that is installed. */
function findBinaries(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root)
    ? readdirSync(root)
        .map(Number)
        .sort((a, b) => b - a)
    : [];
  const folders = versions.map((version) => join(root, String(version), 'bin'));
  const onPath = (process.env.PATH ?? '').split(':');
  return [...folders, ...onPath].find((folder) => existsSync(join(folder, 'initdb')));
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

function accountOf(name: string): Account {
  const [uid, gid] = ['-u', '-g'].map((what) =>
    Number(spawnSync('id', [what, name], { encoding: 'utf8' }).stdout),
  );
  if (!uid || !gid) throw new Error(`there is no user ${name} to run PostgreSQL as: ${notInstalled}`);
  return { uid, gid };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' ? address!.port : 0;
      server.close(() => resolve(port));
    });
  });
}
