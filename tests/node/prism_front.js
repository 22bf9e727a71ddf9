// prism_front.js UPSTREAM DOCUMENT CERTIFICATE KEY LOG: Prism as a proxy to UPSTREAM ("https://localhost:port"), itself
// behind TLS. Prints its port. Every exchange is a JSON line in LOG: {"target", "status", "request": [violation],
// "response": [violation]}, a violation being {"location": [segment], "message"}; {"target", "failed"} when Prism could
// not do its work. The 1.0 API is in no document: it passes by Prism, {"undocumented": true}.
const fs = require('node:fs');
const https = require('node:https');
const { createInstance, getHttpOperationsFromSpec } = require('@stoplight/prism-http');
const { default: route } = require('@stoplight/prism-http/dist/router');
const { validateOutput } = require('@stoplight/prism-http/dist/validator');

const [upstream, specification, certificate, key, log] = process.argv.slice(2);
const prefix = '/2.0';
const levels = ['trace', 'debug', 'info', 'success', 'warn', 'error', 'fatal'];
const quiet = { child: () => quiet, ...Object.fromEntries(levels.map((level) => [level, () => {}])) };

// What `prism proxy` sets without --errors.
const config = {
  isProxy: true, upstream: new URL(upstream + prefix), upstreamProxy: undefined, errors: false,
  validateRequest: true, validateResponse: true, checkSecurity: true, mock: { dynamic: false },
};
const prism = createInstance(config, { logger: quiet });

function queryOf(parameters) {
  return Object.fromEntries([...parameters.keys()].map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length === 1 ? values[0] : values];
  }));
}

// Prism takes a list with a slash behind it for an item without a name; its body is one of the list all the same.
function inListOf(operations, input, output) {
  const path = input.url.path.slice(0, -1);
  const { right: resource } = route({ resources: operations, input: { ...input, url: { ...input.url, path } } });
  const { left: found = [] } = validateOutput({ resource, element: output });
  return found;
}

async function throughPrism(operations, request) {
  const url = new URL(request.url.slice(prefix.length), upstream);
  const asked = { path: url.pathname, query: queryOf(url.searchParams) };
  const input = { method: 'get', url: asked, headers: request.headers };
  const { left: failure, right: result } = await prism.request(input, operations, config)();
  if (failure) throw failure;
  const { output, validations } = result;
  const found = url.pathname.endsWith('/') ? inListOf(operations, input, output) : validations.output;
  const named = (violations) => violations.map(({ path = [], message }) => ({ location: path, message }));
  return {
    status: output.statusCode, headers: output.headers,
    text: typeof output.body === 'string' ? output.body : JSON.stringify(output.body),
    noted: { request: named(validations.input), response: named(found) },
  };
}

async function pastPrism(request) {
  const { authorization } = request.headers;
  const answer = await fetch(upstream + request.url, { headers: { authorization } });
  return {
    status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text(),
    noted: { undocumented: true, request: [], response: [] },
  };
}

// Links to further pages name the host that was asked: here that is the proxy.
function send(reply, answer, host) {
  const body = Buffer.from(answer.text.replaceAll(upstream, `https://${host}`));
  const headers = { ...answer.headers, 'content-length': body.length };
  for (const name of ['content-encoding', 'transfer-encoding', 'connection']) delete headers[name];
  reply.writeHead(answer.status, headers).end(body);
}

async function main() {
  const operations = await getHttpOperationsFromSpec(specification);
  const note = (line) => fs.appendFileSync(log, `${JSON.stringify(line)}\n`);
  const options = { cert: fs.readFileSync(certificate), key: fs.readFileSync(key) };
  const server = https.createServer(options, async (request, reply) => {
    const target = request.url;
    try {
      const answer = await (target.startsWith(`${prefix}/`) ? throughPrism(operations, request) : pastPrism(request));
      note({ target, status: answer.status, ...answer.noted });
      send(reply, answer, request.headers.host);
    } catch (problem) {
      note({ target, failed: problem.stack ?? problem.message });
      reply.writeHead(502).end();
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

main();
