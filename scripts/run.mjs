// What every npm script starts: it makes sure that the dependencies are there and the build is fresh, then runs the
// task named first on the command line. Node built-ins alone, because on the first run nothing else is installed.
//
// Nothing is imported before the version check, so that an old Node gets a sentence instead of a syntax error.

const LEAST_NODE = [20, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
  console.error(
    `Model Observation needs Node ${LEAST_NODE.join('.')} or newer; this is Node ${process.versions.node}. ` +
      'Install a newer Node, then run the same command again.',
  );
  // Whoever reads the tests' closing line gets one.
  if (process.argv[2] === 'test') console.log('0 passed, 1 failed');
  process.exit(1);
}

const { runTask } = await import('./tasks.mjs');
await runTask(process.argv[2], process.argv.slice(3));
