//! The information on how personal data are processed (GDPR art. 13, guide §6). Every invitation contains the whole text.
//! The version records which text a person was given: when you change the text, give it a new version.

use crate::platform::text::Localized;

/// The version of the text.
pub const INFORMATION_VERSION: &str = "2020-10-01";

/// The text, after its heading with the version.
const TEXT: Localized = Localized::fixed(
    "Ansvariga: din kommun för din arbetstid och dina uppgifter som medarbetare, SKR (Sveriges Kommuner och Regioner) för \
     urval av kommuner och ansökan om ersättning. Den som driver tjänsten behandlar uppgifterna för deras räkning, enligt \
     avtal.\n\
     Uppgifter: namn, e-postadress i arbetet, funktion, anställningsnummer, arbetad tid i programmet och vad du gör i \
     tjänsten. Personnummer behandlas inte.\n\
     Ändamål: att genomföra utvecklingsnätverket och att redovisa tid och kostnader till den som finansierar det.\n\
     Rättslig grund: för kommunen en uppgift av allmänt intresse och en rättslig förpliktelse att redovisa (artikel 6.1 e \
     och c i dataskyddsförordningen), för SKR ett berättigat intresse av att leda nätverket (artikel 6.1 f) och samma \
     skyldighet att redovisa.\n\
     Mottagare: kommunen, SKR, den som finansierar programmet och dess revisorer. Uppgifter kan lämnas ut som allmän \
     handling.\n\
     Lagring: så länge som finansiären kräver att underlag finns kvar, och för kommunen enligt dess gallringsbeslut. \
     Därefter tas det bort som pekar ut dig.\n\
     Dina rättigheter: att få veta vad som finns om dig och få en kopia, att få fel rättade och, där lagen ger rätt till \
     det, att få uppgifter raderade, begränsade eller att invända mot behandlingen. Det du uppger behövs för att delta; \
     inga beslut fattas automatiskt om dig.\n\
     Kontakt: dataskyddsombudet i din kommun eller hos SKR. Du kan klaga hos Integritetsskyddsmyndigheten (imy.se).",
    "Controllers: your kommun for your working time and your data as its employee, SKR (the Swedish Association of Local \
     Authorities and Regions) for the selection of kommuner and the claim for funding. Whoever runs the service processes \
     the data on their behalf, under an agreement.\n\
     Data: name, work e-mail address, function, employee number, time worked in the programme and what you do in the \
     service. Personal identity numbers are not processed.\n\
     Purpose: to carry out the development network, and to account for time and costs to its funder.\n\
     Legal basis: for the kommun a task in the public interest and a legal obligation to account (GDPR article 6(1)(e) and \
     (c)), for SKR a legitimate interest in leading the network (article 6(1)(f)) and the same obligation to account.\n\
     Recipients: the kommun, SKR, the programme's funder and its auditors. Data may be disclosed as official documents.\n\
     Retention: as long as the funder requires evidence to be kept, and for the kommun according to its decision on \
     disposal. After that, what points you out is removed.\n\
     Your rights: to know what is held about you and get a copy, to have errors corrected and, where the law gives the \
     right, to have data erased, restricted, or to object to the processing. What you give is needed to take part; no \
     decision about you is made automatically.\n\
     Contact: the data protection officer of your kommun or of SKR. You may complain to the Swedish Authority for Privacy \
     Protection (imy.se).",
);

/// The text with its heading, for a mail.
pub fn information() -> Localized {
    Localized::new(
        format!("Så behandlas dina personuppgifter (version {INFORMATION_VERSION})\n{}", TEXT.sv),
        format!("How your personal data are processed (version {INFORMATION_VERSION})\n{}", TEXT.en),
    )
}
