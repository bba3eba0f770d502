//! All link relations (`rel`) of the API in one table. OpenAPI publishes it as the enum of `Link.rel`, and the tests
//! check every answer against it.

crate::codes! {
    /// What a link leads to.
    pub enum Rel as "linkRels" {
        Itself = "self", "representationen eller sidan själv", "the representation or page itself";
        First = "first", "listans första sida", "the list's first page";
        Prev = "prev", "sidan före", "the page before";
        Next = "next", "nästa sida", "the next page";
        Last = "last", "listans sista sida", "the list's last page";
        StatusChanges = "statusChanges", "historiken över tillstånd", "the history of states";
        ChangeStatus = "changeStatus", "byt tillstånd", "change the state";
        Delete = "delete", "ta bort", "delete it";
        Update = "update", "ändra uppgifterna", "change the facts";
        End = "end", "avsluta i förtid", "end it early";
        Person = "person", "personen", "the person";
        ChangePassword = "changePassword", "byt lösenord", "change the password";
        Permissions = "permissions", "vad man får göra", "what you may do";
        Sessions = "sessions", "ens inloggningar", "your sessions";
        NewSecret = "newSecret", "ge API-klienten en ny hemlighet", "give the API client a new secret";
        RoleAssignments = "roleAssignments", "personens roller", "the person's roles";
        GrantRole = "grantRole", "ge personen en roll", "give the person a role";
        Withdraw = "withdraw", "ta tillbaka inbjudan", "withdraw the invitation";
        InviteAgain = "inviteAgain", "bjud in på nytt", "invite again";
        Programme = "programme", "programmet", "the programme";
        Settings = "settings", "programmets inställningar", "the programme's settings";
        Kommuner = "kommuner", "kommunerna där", "the kommuner of the län";
        Kommun = "kommun", "kommunen i registret", "the kommun in the register";
        ParticipatingKommuner = "participatingKommuner", "kommunerna som deltar", "the kommuner that take part";
        Apply = "apply", "anmäl intresse", "express interest";
        Application = "application", "intresseanmälan", "the application";
        DecideContact = "decideContact", "pröva vem som är kontaktperson", "decide who the contact is";
        WriteLetter = "writeLetter", "skriv avsiktsförklaringen", "write the avsiktsförklaring";
        Signatures = "signatures", "underskrifterna", "the signatures";
        Sign = "sign", "underteckna", "sign";
        Milestones = "milestones", "milstolpar efter mallen", "milestones made from the template";
        Template = "template", "milstolpens mall", "the milestone's template";
        Participant = "participant", "medarbetaren", "the participant";
        Employments = "employments", "personens anställningar", "the person's employments";
        TimeReport = "timeReport", "tidrapporten", "the time report";
        TimeReports = "timeReports", "tidrapporterna", "the time reports";
        TimeEntries = "timeEntries", "tidraderna", "the time entries";
        Submission = "submission", "månadsinlämningen", "the month submission";
        Submit = "submit", "lämna in månaden", "submit the month";
        Overview = "overview", "månadens översikt", "the month's overview";
        SameResource = "sameResource", "händelser om samma resurs", "events about the same resource";
        Verification = "verification", "pröva kedjan, eller urvalet", "verify the chain, or the selection";
        Selection = "selection", "förslagen till urval", "the selection proposals";
        Computations = "computations", "förslagets beräkningar", "the proposal's computations";
        Input = "input", "beräkningens underlag", "the input of the computation";
        Explanations = "explanations", "varför just dessa", "why these";
        Reserves = "reserves", "reserverna", "the reserves";
        Replacements = "replacements", "vem som får en ledig plats", "who gets a free place";
        Map = "map", "karta över urvalet", "a map of the selection";
        Distribution = "distribution", "hur de utvalda fördelar sig", "how the chosen are distributed";
    }
}
