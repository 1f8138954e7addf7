/** What the files of tests run of the engine while they are loaded is counted for this name, and for no check. */
export const LOADING = 'loading of test files';
