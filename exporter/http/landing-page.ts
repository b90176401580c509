import { VERSION } from '../version.js';

/** `GET /`: what this is and where things are. Says nothing of configuration or data. */
export function landingPage(): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Model Observation</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; color: #1c2430; }
  code, pre { font: 14px/1.5 ui-monospace, monospace; background: #f2f4f7; border-radius: 4px; }
  code { padding: .1rem .3rem; } pre { padding: .8rem 1rem; overflow-x: auto; }
  dt { margin-top: .6rem; } a { color: #1858b8; } footer { margin-top: 2rem; color: #667; }
</style>
<h1>Model Observation</h1>
<p>Turns records of language-model calls into Prometheus metrics.</p>
<dl>
  <dt><code>POST /v1/calls</code></dt><dd>Send call records: JSON or NDJSON.</dd>
  <dt><a href="/metrics"><code>GET /metrics</code></a></dt><dd>Scrape the metrics.</dd>
  <dt><code>POST /notify/history</code>, <code>POST /notify/dingtalk?robot=NAME</code></dt><dd>For Alertmanager's webhooks.</dd>
  <dt><a href="/runbooks/"><code>GET /runbooks/</code></a></dt><dd>What to do when an alert fires.</dd>
  <dt><a href="/-/healthy"><code>GET /-/healthy</code></a></dt><dd>The process is alive.</dd>
  <dt><a href="/-/ready"><code>GET /-/ready</code></a></dt><dd>Records can be taken; if not, why.</dd>
</dl>
<p>A first call record:</p>
<pre>curl -H 'content-type: application/json' <span id="origin">http://127.0.0.1:9490</span>/v1/calls \\
  -d '{"model":"qwen-plus","duration_ms":1840,
       "usage":{"prompt_tokens":3019,"completion_tokens":104}}'</pre>
<p>Its series stand in <a href="/metrics">/metrics</a> at once, reading 0, and read its values once
<code>metrics.birth_hold</code> has passed (35 seconds unless set), so that Prometheus sees the first increase too.</p>
<footer>Version ${VERSION}</footer>
<script>document.getElementById('origin').textContent = location.origin</script>
</html>
`;
}
