// Gives the newest link that a demonstration mailed to somebody, to whoever walks through the Postman collection:
//   node tests/clients/mailbox.mjs data/demo/mail [PORT]     GET /?to=ADDRESS answers the link as text
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The newest link to an address, or nothing. A mail is quoted-printable: a long line is broken with "=". */
function link(folder, to) {
  const mails = readdirSync(folder).filter((name) => name.endsWith(".eml")).map((name) => join(folder, name));
  const byAge = mails.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const mail of byAge) {
    const text = readFileSync(mail, "utf8").replace(/=\r?\n/g, "");
    const isTo = text.split(/\r?\n/).some((line) => /^to:/i.test(line) && line.includes(to));
    const found = isTo && /https?:\S+#[0-9a-f-]{36}\.[\w-]+/.exec(text);
    if (found) return found[0];
  }
}

/** Serves the mails of a folder; resolves to the server once it listens. */
export function serve(folder, port) {
  const server = createServer((request, response) => {
    const to = new URL(request.url, "http://localhost").searchParams.get("to");
    const found = to && link(folder, to);
    response.writeHead(found ? 200 : 404, { "Content-Type": "text/plain; charset=utf-8" });
    response.end(found || `No mail with a link to ${to} is in ${folder}.`);
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, port = "8025"] = process.argv.slice(2);
  const server = await serve(folder, Number(port));
  console.log(`The newest links: http://127.0.0.1:${server.address().port}/?to=ADDRESS`);
}
