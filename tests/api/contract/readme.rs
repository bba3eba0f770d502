//! The README lists the settings that the program reads.

use samverkan::platform::config;

use super::generated::{generated, root};

const BEGIN: &str = "<!-- configuration -->\n";
const END: &str = "<!-- /configuration -->";

#[test]
fn readme_settings_are_generated_from_the_configuration() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    generated("README.md", &format!("{before}{BEGIN}\n{}\n{END}{after}", config::table_markdown().trim()));
}
