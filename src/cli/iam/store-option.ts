import { Option } from 'commander';

/** `--store`, which every command about a store needs. */
export function storeOption(): Option {
  return new Option('--store <url>', 'a SQLite file, or postgres://…')
    .env('POSTERN_STORE')
    .makeOptionMandatory();
}
