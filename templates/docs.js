"use strict";
// How Swagger UI shows the API. All addresses are relative to this page, so that it works behind a path prefix, and at
// another name than PUBLIC_URL (localhost for 127.0.0.1).
const base = new URL("../api/v1", location.href).href;

// The server and the token endpoint are here. People log in with the password form, so it comes first.
function adapted(json) {
  const { bearer, oauth2, ...others } = json.components.securitySchemes;
  const { password, ...flows } = oauth2.flows;
  for (const flow of [password, ...Object.values(flows)]) {
    flow.tokenUrl = flow.refreshUrl = base + "/oauth/token";
  }
  const securitySchemes = { oauth2: { ...oauth2, flows: { password, ...flows } }, bearer, ...others };
  const servers = [{ ...json.servers[0], url: base }];
  const schemas = json.components.schemas;
  const paths = Object.fromEntries(Object.entries(json.paths).map(([path, item]) => [path, emptied(item, schemas)]));
  return { ...json, servers, paths, components: { ...json.components, securitySchemes } };
}

// Swagger UI fills every parameter that has an example. A filter that nobody chose would find nothing, so optional ones begin
// empty.
function emptied(item, schemas) {
  const bare = (schema) => {
    const { example, ...rest } = schema.$ref ? schemas[schema.$ref.split("/").pop()] : schema;
    return rest.items ? { ...rest, items: bare(rest.items) } : rest;
  };
  const emptyOf = (parameter) => {
    if (parameter.in !== "query" || parameter.required || !parameter.schema) return parameter;
    const { example, examples, ...rest } = parameter;
    return { ...rest, schema: bare(rest.schema) };
  };
  const operation = (value) =>
    value.parameters ? { ...value, parameters: value.parameters.map(emptyOf) } : value;
  return Object.fromEntries(Object.entries(item).map(([method, value]) => [method, operation(value)]));
}

// Swagger UI alone shows a closed lock where no login is needed, and an open one where it is.
const locks = (system) => {
  const element = system.React.createElement;
  return {
    wrapComponents: {
      OperationSummary: (Original) => (props) => {
        const security = props.operationProps.get("security");
        const isOpen = security && security.some((requirement) => requirement.size === 0);
        const operationProps = isOpen ? props.operationProps.delete("security") : props.operationProps;
        return element(Original, { ...props, operationProps });
      },
      authorizeOperationBtn: () => ({ isAuthorized, onClick }) => {
        const label = isAuthorized ? "Logged in" : "Needs login";
        const icon = system.getComponent(isAuthorized ? "UnlockIcon" : "LockIcon");
        const click = (event) => { event.stopPropagation(); onClick(); };
        const props = { className: "authorization__btn", "aria-label": label, title: label, onClick: click };
        return element("button", props, element(icon, { className: isAuthorized ? "unlocked" : "locked" }));
      },
    },
  };
};

// The cursor goes into the first form, not into the last one, which Swagger UI would scroll to; the filter says what it finds.
const manners = (system) => {
  const after = (Original, act, when) => (props) => {
    system.React.useEffect(act, when);
    return system.React.createElement(Original, props);
  };
  const place = (name) => document.querySelector(name);
  return {
    wrapComponents: {
      auths: (Original) => after(Original, () => { place("#oauth_username")?.focus(); }, []),
      FilterContainer: (Original) => after(Original, () => {
        place(".operation-filter-input")?.setAttribute("placeholder", "Filter by tag, path, name or summary");
      }),
    },
  };
};

// The filter finds operations by path, name and summary, not only by tag.
function filtered(tags, phrase) {
  const wanted = phrase.toLowerCase();
  const has = (...texts) => texts.some((text) => (text || "").toLowerCase().includes(wanted));
  const fits = (of) =>
    has(of.get("path"), of.getIn(["operation", "operationId"]), of.getIn(["operation", "summary"]));
  const kept = tags.map((tag, name) =>
    has(name) ? tag : tag.set("operations", tag.get("operations").filter(fits)));
  return kept.filter((tag) => tag.get("operations").size > 0);
}

window.ui = SwaggerUIBundle({
  url: "../api/v1/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  validatorUrl: null,
  displayOperationId: false,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [
    locks,
    manners,
    { fn: { opsFilter: filtered } },
    { statePlugins: { spec: { wrapActions: { updateJsonSpec: (original) => (json) => original(adapted(json)) } } } },
  ],
  layout: "BaseLayout",
});
