// What one copies into an application so that it sends to this server. Ours and upstream's SDKs
// (as tests/compat runs them), and OpenTelemetry.
export interface Snippet {
  id: string;
  name: string;
  // Where the lines go: a file, a shell.
  place: string;
  text: (key: string, url: string) => string;
}

export const keyPlaceholder = '<API_KEY>';

export const snippets: readonly Snippet[] = [
  {
    id: 'flask',
    name: 'Flask',
    place: 'app.py, after pip install apitoolkit-flask',
    text: (key, url) => `from flask import Flask
from apitoolkit_flask import APIToolkit

app = Flask(__name__)
APIToolkit(app, api_key="${key}", root_url="${url}")


@app.get("/hello")
def hello():
    return {"hello": "world"}
`,
  },
  {
    id: 'wsgi',
    name: 'WSGI',
    place: 'wsgi.py, after pip install apitoolkit-flask',
    text: (key, url) => `from apitoolkit_flask import APIToolkit

from shop import application

application = APIToolkit(api_key="${key}", root_url="${url}").wsgi(application)
`,
  },
  {
    id: 'cpp',
    name: 'C++',
    place: 'main.cc, linked with apitoolkit_sdk',
    text: (key, url) => `#include "apitoolkit/client.h"

apitoolkit::Config config;
config.api_key = "${key}";
config.root_url = "${url}";
auto client = apitoolkit::Client::create(config);

apitoolkit::Exchange exchange;  // what a hook of your framework fills in
exchange.method = "GET";
exchange.url_path = "/hello";
exchange.status_code = 200;
(*client)->push(std::move(exchange));
`,
  },
  {
    id: 'fastapi',
    name: 'FastAPI',
    place: 'main.py, after pip install apitoolkit-fastapi',
    text: (key, url) => `from fastapi import FastAPI
from apitoolkit_fastapi import APIToolkit

app = FastAPI()
apitoolkit = APIToolkit(api_key="${key}", root_url="${url}")
app.middleware("http")(apitoolkit.middleware)
`,
  },
  {
    id: 'django',
    name: 'Django',
    place: 'settings.py, after pip install apitoolkit-django',
    text: (key, url) => `APITOOLKIT_KEY = "${key}"
APITOOLKIT_ROOT_URL = "${url}"
MIDDLEWARE = ["apitoolkit_django.APIToolkit", *MIDDLEWARE]
`,
  },
  {
    id: 'node',
    name: 'Node',
    place: 'index.js, after npm install apitoolkit-express',
    text: (key, url) => `import express from "express";
import { APIToolkit } from "apitoolkit-express";

const app = express();
const apitoolkit = APIToolkit.NewClient({ apiKey: "${key}", rootURL: "${url}" });
app.use(express.json());
app.use(apitoolkit.expressMiddleware);
`,
  },
  {
    id: 'go',
    name: 'Go',
    place: 'main.go, after go get github.com/apitoolkit/apitoolkit-go',
    text: (key, url) => `client, err := apitoolkit.NewClient(ctx, apitoolkit.Config{
    APIKey:  "${key}",
    RootURL: "${url}",
})
if err != nil {
    panic(err)
}
router.Use(client.GinMiddleware)
`,
  },
  {
    id: 'otlp',
    name: 'OpenTelemetry',
    place: 'the environment of anything that speaks OTLP',
    text: (key, url) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${key}"
`,
  },
];
