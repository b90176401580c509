// Vitest's setup file of the end-to-end tests: whatever a test leaves running is killed, by pid, at its end; what was
// started for a whole file (in beforeAll) at the end of the file. A failed test shows what the servers said.
import { afterAll, afterEach, beforeEach } from 'vitest';
import { runningServers, type ServerProcess } from './server-process.js';
import { removeTemporaryFolders } from './temporary-folder.js';

let startedBefore: ReadonlySet<ServerProcess> = new Set();

beforeEach(() => {
  startedBefore = new Set(runningServers);
});

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') for (const server of runningServers) console.error(server.lastWords());
  await killAll([...runningServers].filter((server) => !startedBefore.has(server)));
});

afterAll(async () => {
  await killAll([...runningServers]);
  await removeTemporaryFolders();
});

async function killAll(servers: readonly ServerProcess[]): Promise<void> {
  for (const server of servers) server.kill('SIGKILL');
  await Promise.all(servers.map((server) => server.exited));
}
