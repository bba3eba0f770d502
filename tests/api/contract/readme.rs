//! The README lists the settings that the program reads, and the rights of the role that serves.

use samverkan::platform::config;
use samverkan::platform::db::rights::RIGHTS;

use super::generated::{generated, root};

/// The text with another part between two comments.
fn with_part(readme: &str, name: &str, part: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{}\n{end}{after}", part.trim())
}

#[test]
fn readme_parts_are_generated_from_the_program() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let readme = with_part(&readme, "configuration", &config::table_markdown());
    generated("README.md", &with_part(&readme, "rights", &format!("```sql\n{RIGHTS}```")));
}
