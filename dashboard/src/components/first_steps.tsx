// What a project without traffic shows: the few lines that make the first request arrive.
import { CopyButton } from './copy_button';

function snippet(): string {
  return `from flask import Flask
from apitoolkit_flask import APIToolkit

app = Flask(__name__)
APIToolkit(app, api_key="<API_KEY>", root_url="${window.location.origin}")


@app.get("/hello")
def hello():
    return {"hello": "world"}
`;
}

export function FirstSteps() {
  return (
    <section class="first-steps" aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">Waiting for the first request</h2>
      <p>
        Add these lines to a Flask application and send it a request. It appears here by itself. The
        API key was printed when the server started for the first time.
      </p>
      <figure class="code">
        <figcaption>
          <span>app.py</span>
          <CopyButton label="Copy" text={snippet} quiet />
        </figcaption>
        <pre tabIndex={0} aria-label="The lines to add">
          {snippet()}
        </pre>
      </figure>
      <p class="first-steps-check">
        Nothing arrives? <code>python -m apitoolkit_flask check</code> says whether the key is good
        and the server can be reached.
      </p>
      <p class="waiting" role="status">
        <span class="live-dot" aria-hidden="true" /> Listening
      </p>
    </section>
  );
}
