// Google's own publisher for Node: 250 messages in batches, then a topic that is not there.
import { createRequire } from "node:module";

const [rootUrl, key, modules] = process.argv.slice(2);
const { PubSub } = createRequire(modules + "/")("@google-cloud/pubsub");
const answer = await fetch(rootUrl + "/api/client_metadata", {
  headers: { Authorization: `Bearer ${key}` },
});
const metadata = await answer.json();
const pubsub = new PubSub({ projectId: metadata.pubsub_project_id });
const topic = pubsub.topic(metadata.topic_id);
const message = (number) => ({
  data: Buffer.from(
    JSON.stringify({
      timestamp: new Date().toISOString(),
      method: "GET",
      raw_url: `/users/${number}`,
      url_path: "/users/{id}",
      status_code: 200,
      duration: 1000 + number,
      sdk_type: "JsExpress",
    }),
  ),
});
const ids = await Promise.all(
  Array.from({ length: 250 }, (_, number) => topic.publishMessage(message(number))),
);
if (new Set(ids).size !== 250) throw new Error(`${new Set(ids).size} message ids`);
const refused = await pubsub
  .topic("unknown")
  .publishMessage(message(0))
  .then(() => undefined, (error) => error.code);
if (refused !== 5) throw new Error(`expected NOT_FOUND, got ${refused}`);
await pubsub.close();
