//! What holds for every resource at once: the document, the two schemas, the arrows between modules, the tables of
//! states, roles and problems, and how bad input is refused. Wherever a table of the program or the OpenAPI document can
//! be walked, nothing here names a resource: a new one is covered once its test module offers one to the `world`.

mod generated;
pub mod operations;
pub mod raw_http;
pub mod scopes;
pub mod world;

mod architecture;
mod asked_once;
mod audit;
mod authz;
mod bad_input;
mod batches;
mod compression;
mod concurrency;
mod conventions;
mod crash;
mod full_disk;
mod group_commit;
mod indexes;
mod kept_statements;
mod links;
mod lists;
mod methods;
mod openapi;
mod own_case;
mod pages;
mod permits;
mod postman;
mod problems;
mod queries_and_headers;
mod readme;
mod refusal_order;
mod rows;
mod schema;
mod serving_role;
mod step_sets;
mod steps;
mod storage_failures;
pub mod sync;
mod sync_copies;
mod sync_processes;
mod tenant_isolation;
pub mod truth;
mod versions;
mod workflows;
mod writes;
