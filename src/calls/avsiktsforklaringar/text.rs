//! The text of a new letter: what SKR's offer requires of a kommun, with the programme's own numbers. The applicant may
//! change every word of it before it is sent. Pure.

use crate::programmes::programme::ProgrammeRow;
use crate::programmes::settings::SettingsContent;

/// A letter in which the kommun makes the commitments of the offer.
pub fn proposed(kommun: &str, programme: &ProgrammeRow, settings: &SettingsContent) -> String {
    let SettingsContent { annual_hours, joint_share_percent, team_size, coordinator_share_percent, .. } =
        settings;
    let (name, from, to) = (&programme.name, programme.starts_on, programme.ends_on);
    format!(
        "Avsiktsförklaring

Kommun: {kommun}
Projekt: {name}
Projekttid: {from} – {to}

{kommun} avser att delta i projektet, som leds av Sveriges Kommuner och Regioner (SKR) och finansieras med stöd av ESF. \
Kommunen är införstådd med att deltagandet är ett långtgående åtagande och förbinder sig, om den får en plats, att

– prioritera utvecklingsarbetet för omkring {team_size} medarbetare från olika förvaltningar och verksamhetsområden,
– avsätta cirka {annual_hours} arbetstimmar om året till arbete i projektet, varav omkring {joint_share_percent} procent \
på gemensamma träffar; varje medarbetare redovisar sin arbetstid, som blir kommunens medfinansiering,
– avsätta {coordinator_share_percent} procent av en heltidstjänst, som kommunen själv finansierar, till en lokal \
projektkoordinator som samordnar kommunens arbete och rapporterar arbetstid och resultat till SKR,
– delta i projektets nätverksträffar och bedriva utvecklingsarbete mellan träffarna,
– inledningsvis inventera kommunens behov och förankra arbetet i ansvarig nämnd och hos berörda medarbetare.

Kommunen arbetar för att efter projektet ha

– ett policydokument och en handlingsplan för kommunens samverkan med sociala företag,
– en etablerad intern och en extern samverkansstruktur för frågan,
– genomförda affärer och/eller pågående partnerskap eller upphandling med sociala företag.

Avsiktsförklaringen undertecknas av kommunens högsta tjänsteperson och kommunstyrelsens ordförande.
"
    )
}
