import express from 'express';

/** A bare Express route that parses JSON and answers. Argument: the port. */
const app = express();
app.use(express.json());
app.post('/v1/calls', (_request, response) => {
  response.status(202).json({ accepted: 1, duplicates: 0, late: 0, rejected: [] });
});
const server = app.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
