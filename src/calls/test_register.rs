//! The register's kommuner for the tests of drawings and sentences, read from the migration that loads them.

/// A kommun of the register.
#[derive(Clone, Debug)]
pub struct Kommun {
    pub code: String,
    pub name: String,
    pub lan: String,
    pub lan_name: String,
    pub nuts2: String,
    pub size_band: String,
    pub skr_group: String,
    pub latitude: f64,
    pub longitude: f64,
}

/// All 290 kommuner, by kommunkod.
pub fn kommuner() -> Vec<Kommun> {
    let sql = include_str!("../../migrations/sqlite/00000000000002_reference_data/up.sql");
    let rows = sql.lines().filter_map(|line| {
        let fields: Vec<&str> =
            line.strip_prefix("    (")?.split(", ").map(|field| field.trim_matches('\'')).collect();
        let [code, name, lan, lan_name, nuts2, _, _, size_band, skr_group, _, latitude, longitude, ..] =
            fields[..]
        else {
            return None;
        };
        Some(Kommun {
            code: code.to_owned(),
            name: name.to_owned(),
            lan: lan.to_owned(),
            lan_name: lan_name.to_owned(),
            nuts2: nuts2.to_owned(),
            size_band: size_band.to_owned(),
            skr_group: skr_group.to_owned(),
            latitude: latitude.parse().unwrap(),
            longitude: longitude.parse().unwrap(),
        })
    });
    rows.collect()
}

/// The län with their names, by code.
pub fn lan() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        kommuner().into_iter().map(|kommun| (kommun.lan, kommun.lan_name)).collect();
    all.sort();
    all.dedup();
    all
}

/// One of the kommuner.
pub fn kommun(name: &str) -> Kommun {
    kommuner().into_iter().find(|kommun| kommun.name == name).unwrap()
}

/// One of the kommuner as an applicant that has come this far.
pub fn applicant(name: &str, maturity: u8) -> selection::Applicant {
    let kommun = kommun(name);
    selection::Applicant {
        kommunkod: kommun.code,
        nuts2: kommun.nuts2,
        lan: kommun.lan,
        size_band: kommun.size_band,
        skr_group: kommun.skr_group,
        maturity,
        latitude: kommun.latitude,
        longitude: kommun.longitude,
    }
}

#[test]
fn the_whole_register_is_read() {
    assert_eq!((kommuner().len(), lan().len()), (290, 21));
    assert_eq!(kommun("Boden").nuts2, "SE33");
}
