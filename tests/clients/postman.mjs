// Runs a folder of the Postman collection with newman against a demonstration (BASE_URL, MAIL): postman.mjs [FOLDER]
import newman from "newman";
import { serve } from "./mailbox.mjs";

const openapi = new URL("../../openapi/", import.meta.url).pathname;
const mailbox = await serve(process.env.MAIL, 0);
newman.run(
  {
    collection: `${openapi}samverkan.postman_collection.json`,
    environment: `${openapi}demo.postman_environment.json`,
    envVar: [
      { key: "baseUrl", value: `${process.env.BASE_URL}/api/v1` },
      { key: "mailUrl", value: `http://127.0.0.1:${mailbox.address().port}` },
    ],
    folder: process.argv[2] ?? "walk",
    bail: true,
    reporters: ["cli"],
    reporter: { cli: { noBanner: true, noSuccessAssertions: true } },
    color: "off",
  },
  (error, summary) => {
    mailbox.close();
    process.exitCode = error || summary.run.failures.length > 0 || summary.run.stats.assertions.total === 0 ? 1 : 0;
  },
);
