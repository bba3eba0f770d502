//! The answer when no handler matches: 405 with `Allow` if the path exists with another method, otherwise 404. The paths
//! are those that the areas register (`http::operations`), so that there is no second list.

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use utoipa::openapi::path::Paths;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{PathItem, RefOr};

use crate::platform::problem::{Code, Problem};

/// Every path with its methods and their query parameters; built once at startup and kept as app data.
#[derive(Clone, Debug, Default)]
pub struct Routes(Vec<Route>);

#[derive(Clone, Debug)]
struct Route {
    template: String,
    methods: Vec<(&'static str, Vec<String>)>,
    is_page: bool,
}

impl Routes {
    /// The operations' paths, below the base path `base`, the paths outside it, which allow only GET, and the pages, which
    /// allow GET and POST.
    pub fn new(base: &str, operations: &Paths, outside: &[&str], pages: &[&str]) -> Self {
        let operations = operations.paths.iter().map(|(path, item)| Route {
            template: format!("{base}{path}"),
            methods: methods(item),
            is_page: false,
        });
        let without_parameters = |paths: &[&str], methods: &[&'static str], is_page: bool| {
            let methods: Vec<_> = methods.iter().map(|method| (*method, Vec::new())).collect();
            let route =
                |path: &&str| Route { template: (*path).to_owned(), methods: methods.clone(), is_page };
            paths.iter().map(route).collect::<Vec<_>>()
        };
        let outside = without_parameters(outside, &["GET"], false);
        Self(operations.chain(outside).chain(without_parameters(pages, &["GET", "POST"], true)).collect())
    }

    /// Whether people see this path in a browser, problems included.
    pub fn is_page(&self, path: &str) -> bool {
        self.0.iter().any(|route| route.is_page && matches(&route.template, path))
    }

    /// The template that a path matches: fixed segments take precedence over parameters.
    pub fn template(&self, path: &str) -> Option<&str> {
        let matching = self.0.iter().filter(|route| matches(&route.template, path));
        matching.map(|route| route.template.as_str()).min_by_key(|template| template.matches('{').count())
    }

    /// The query parameters that an operation documents; none if there is no such operation.
    pub fn parameters(&self, method: &Method, template: &str) -> Option<&[String]> {
        let route = self.0.iter().find(|route| route.template == template)?;
        let (_, known) = route.methods.iter().find(|(name, _)| *name == method.as_str())?;
        Some(known)
    }

    /// The methods of a path as `Allow` lists them; none for an unknown path.
    pub fn allow(&self, path: &str) -> Option<String> {
        let template = self.template(path)?;
        let route = self.0.iter().find(|route| route.template == template)?;
        let mut methods: Vec<&str> = route.methods.iter().map(|(name, _)| *name).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        methods.push("OPTIONS");
        methods.sort_unstable();
        Some(methods.join(", "))
    }
}

fn methods(item: &PathItem) -> Vec<(&'static str, Vec<String>)> {
    let known = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let present = known.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)));
    present.map(|(method, operation)| (method, query_parameters(operation))).collect()
}

fn query_parameters(operation: &Operation) -> Vec<String> {
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        // utoipa puts every parameter in its operation.
        RefOr::Ref(_) => None,
    });
    let in_query = all.filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    in_query.map(|parameter| parameter.name.clone()).collect()
}

fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(template, segment)| segment_matches(template, segment))
}

/// A parameter may have fixed text around it: `{token}.ics`.
fn segment_matches(template: &str, segment: &str) -> bool {
    match template.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1))) {
        Some((before, after)) => {
            let inner = segment.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            inner.is_some_and(|value| !value.is_empty())
        }
        None => template == segment,
    }
}

/// The app's default service.
pub async fn fallback(request: HttpRequest) -> HttpResponse {
    let routes = request.app_data::<web::Data<Routes>>();
    let Some(allow) = routes.and_then(|routes| routes.allow(request.path())) else {
        return HttpResponse::from_error(Problem::not_found());
    };
    let mut response = if request.method() == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        let (sv, en) = (format!("Här finns {allow}."), format!("The methods here are {allow}."));
        HttpResponse::from_error(Problem::new(Code::MethodNotAllowed).detail(sv, en))
    };
    if let Ok(value) = HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::openapi::path::{HttpMethod, OperationBuilder};

    fn routes() -> Routes {
        let mut paths = Paths::new();
        for (path, method) in [
            ("/time-entries", HttpMethod::Get),
            ("/time-entries", HttpMethod::Post),
            ("/time-entries/batch", HttpMethod::Post),
            ("/time-entries/{timeEntryId}", HttpMethod::Get),
            ("/time-entries/{timeEntryId}", HttpMethod::Delete),
            ("/calendar/{token}.ics", HttpMethod::Get),
        ] {
            paths.add_path_operation(path, vec![method], OperationBuilder::new().build());
        }
        Routes::new("/api/v1", &paths, &["/metrics"], &["/invitation"])
    }

    #[test]
    fn allow_lists_the_methods_of_a_known_path() {
        for (path, allow) in [
            ("/api/v1/time-entries", Some("GET, HEAD, OPTIONS, POST")),
            ("/api/v1/time-entries/7", Some("DELETE, GET, HEAD, OPTIONS")),
            ("/api/v1/time-entries/batch", Some("OPTIONS, POST")),
            ("/api/v1/calendar/x.ics", Some("GET, HEAD, OPTIONS")),
            ("/api/v1/calendar/.ics", None),
            ("/metrics", Some("GET, HEAD, OPTIONS")),
            ("/invitation", Some("GET, HEAD, OPTIONS, POST")),
            ("/api/v1/time-entries/", None),
            ("/api/v1/time-entries/7/8", None),
            ("/", None),
        ] {
            assert_eq!(routes().allow(path).as_deref(), allow, "{path}");
        }
    }

    #[test]
    fn a_fixed_segment_takes_precedence_over_a_parameter() {
        let routes = routes();
        assert_eq!(routes.template("/api/v1/time-entries/batch"), Some("/api/v1/time-entries/batch"));
        assert_eq!(routes.template("/api/v1/time-entries/7"), Some("/api/v1/time-entries/{timeEntryId}"));
    }
}
