// What a frontend does, with types that openapi-typescript makes from the document: log in, read a list, meet a 422, follow
// a cursor, change a row of a list, meet a 412 and try again, go on with a refresh token. The program compiles only if the
// document describes what it uses; it runs against a demonstration (BASE_URL, CREDENTIALS: scripts/clients sets them).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./generated/schema.js";

type Participant = components["schemas"]["Participant"];

const baseUrl = process.env["BASE_URL"];
const credentials = process.env["CREDENTIALS"];
assert(baseUrl && credentials, "BASE_URL and CREDENTIALS tell the demonstration");
const { users } = JSON.parse(readFileSync(credentials, "utf8")) as {
  users: { username: string; password: string }[];
};

/** An API client that logs in as one person, and renews its token when the API no longer takes it. */
class Session {
  access = "";
  refresh = "";
  readonly api = createClient<paths>({ baseUrl: `${baseUrl}/api/v1` });
  private readonly open = createClient<paths>({ baseUrl: `${baseUrl}/api/v1` });

  constructor(private readonly username: string) {
    const sent = new Map<string, Request>();
    const bearer: Middleware = {
      onRequest: ({ request, id }) => {
        sent.set(id, request.clone());
        request.headers.set("Authorization", `Bearer ${this.access}`);
        return request;
      },
      onResponse: async ({ response, id }) => {
        const request = sent.get(id);
        sent.delete(id);
        if (response.status !== 401 || !request || this.refresh === "") return response;
        await this.renew();
        request.headers.set("Authorization", `Bearer ${this.access}`);
        return fetch(request);
      },
    };
    this.api.use(bearer);
  }

  async logIn(): Promise<void> {
    const user = users.find((user) => user.username === this.username);
    assert(user, `the demonstration has no ${this.username}`);
    await this.token({ grant_type: "password", username: user.username, password: user.password });
  }

  async renew(): Promise<void> {
    await this.token({ grant_type: "refresh_token", refresh_token: this.refresh });
  }

  private async token(body: components["schemas"]["TokenRequest"]): Promise<void> {
    const { data, error } = await this.open.POST("/oauth/token", {
      body,
      bodySerializer: (form) => new URLSearchParams({ ...form }),
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    // `error` is one of RFC 6749's: a misspelt one does not compile.
    if (error) throw new Error(error.error === "invalid_grant" ? "wrong password" : error.error_description);
    this.access = data.access_token;
    this.refresh = data.refresh_token ?? this.refresh;
  }
}

const coordinator = new Session("koordinator.0114@example.org");
const { api } = coordinator;
await coordinator.logIn();
console.log("logged in");

// A list: rows, their number, and fields that are always there, also when they say nothing.
const { data: programmes } = await api.GET("/programmes", { params: { query: { status: ["running"] } } });
const programme = programmes?.items[0];
assert(programme, "a programme is running");
const scope = { programmeId: [programme.id], kommunkod: ["0114"] };
const team = await api.GET("/participants", { params: { query: { ...scope, limit: 100 } } });
assert(team.data, JSON.stringify(team.error));
assert.equal(team.data.items.length, team.data._meta.count);
assert.equal(team.data._meta.totalRecords, team.data._meta.count);
const here = team.data.items.filter((one) => one.validTo === null);
const [colleague] = here;
assert(colleague, "somebody works here");
console.log(`${here.length} participants listed`);

// 422: every fault at once, each with its pointer; `error` is narrowed by its code.
const refused = await api.POST("/time-entries", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: {
    participantId: colleague.id,
    workDate: programme.startsOn,
    minutes: 2000,
    kind: "own",
    activityCode: "",
  },
});
assert.equal(refused.response.status, 422);
assert(refused.error?.code === "invalidInput");
const pointers = refused.error.errors?.map((fault) => fault.pointer) ?? [];
assert(pointers.includes("/minutes") && pointers.includes("/activityCode"), pointers.join());
console.log(`422 names ${pointers.join(" and ")}`);

// A cursor: pages of three, to the end; nothing twice.
const seen = new Set<string>();
for (let cursor: string | undefined = ""; cursor !== undefined; ) {
  const page: { items: Participant[]; _meta: { nextCursor?: string } } = await next(cursor);
  for (const { id } of page.items) {
    assert(!seen.has(id), `${id} is on two pages`);
    seen.add(id);
  }
  cursor = page._meta.nextCursor;
}
assert.equal(seen.size, team.data.items.length);
console.log(`${seen.size} rows by cursor`);

async function next(cursor: string) {
  const page = await api.GET("/participants", { params: { query: { ...scope, cursor, limit: 3 } } });
  assert(page.data, JSON.stringify(page.error));
  return page.data;
}

// A list's row is enough to change it: its version is the ETag that If-Match compares.
const department = "Arbetsmarknadsenheten";
const changed = await rename(colleague.version, department);
assert(changed.data, JSON.stringify(changed.error));
assert.equal(changed.data.department, department);
assert(changed.data.version > colleague.version);

// 412: somebody was faster. Read again, and try again with what was read.
const stale = await rename(colleague.version, "Näringslivsenheten");
assert.equal(stale.response.status, 412);
assert(stale.error?.code === "versionMismatch");
const fresh = await api.GET("/participants/{participantId}", {
  params: { path: { participantId: colleague.id } },
});
assert(fresh.data, JSON.stringify(fresh.error));
const again = await rename(fresh.data.version, "Näringslivsenheten");
assert.equal(again.data?.department, "Näringslivsenheten");
console.log("changed, refused as stale, changed again");

function rename(version: number, department: string) {
  return api.PATCH("/participants/{participantId}", {
    params: { path: { participantId: colleague!.id }, header: { "If-Match": `"${version}"` } },
    body: { department },
  });
}

// A token that has gone stale is renewed once, and nobody notices.
const [used, before] = [coordinator.refresh, coordinator.access];
coordinator.access = "stale";
const me = await api.GET("/me");
assert.equal(me.data?.email, "koordinator.0114@example.org");
assert.notEqual(coordinator.refresh, used);
assert.notEqual(coordinator.access, before);
console.log("token renewed");
