"""Words that ship with the package, by language: what no robot may answer, and what burns at this moment.

They count in the language of the post. A word of another language does not count, since "die" is an article in German.
Death, assault, self-harm, children and discrimination are for people: a template is cruel there, whatever it says.
"""

from __future__ import annotations

# fmt: off
SENSITIVE: dict[str, tuple[str, ...]] = {
    "en": ("kill myself", "killing myself", "end it all", "end my life", "ending my life", "want to die", "wanna die",
           "don't want to live", "take my own life", "took his own life", "took her own life", "suicid*", "self harm*",
           "self-harm*", "better off dead", "grope*", "groping", "rape", "raped", "rapist", "molest*", "sexual*",
           "assaulted", "assaulting", "exposed himself", "touched my daughter", "touched my son", "touched me",
           "beat me up", "punched me", "rest in peace", "r.i.p", "rip to", "passed away", "funeral", "bereave*",
           "deceased", "died in the", "died in a", "died because", "died from", "people died", "who died", "mother died",
           "father died", "husband died", "wife died", "son died", "daughter died", "mum died", "mom died", "dad died",
           "baby died", "child died", "brother died", "sister died", "killed my", "killed a", "killed two", "child abuse",
           "paedophil*", "pedophil*", "racist", "racism", "homophob*", "transphob*", "antisemit*", "islamophob*",
           "discriminat*", "data breach", "leaked my data", "my data ~ leaked", "leaked my address"),
    "es": ("suicid*", "quitarme la vida", "quiero morir*", "no quiero vivir", "acabar con todo", "autoles*", "violó",
           "violada", "violación", "me manoseó", "manose*", "toqueteó", "tocó a mi hija", "tocó a mi hijo", "abusó",
           "abuso sexual", "agresión sexual", "agredió", "descanse en paz", "descansen en paz", "d.e.p", "falleci*",
           "murieron", "muerto en el", "muertos en", "muri* ~ mi padre", "muri* ~ mi madre", "muri* ~ mi marido", "muri* ~ mi mujer", "muri* ~ mi hijo", "muri* ~ mi hija", "muerto ~ mi padre", "muerto ~ mi madre", "muerto ~ mi marido", "muerto ~ mi mujer", "muerto ~ mi hijo", "muerto ~ mi hija", "funeral", "mi difunt*", "pederast*", "racista*", "racismo", "homófob*",
           "homofobia", "tránsfob*", "discrimina*", "filtración de datos", "han filtrado mis datos"),
    "it": ("suicid*", "uccidermi", "farla finita", "voglio morire", "togliermi la vita", "non voglio più vivere",
           "autolesion*", "violentat*", "stupr*", "palpeggia*", "palpat*", "ha toccato mia figlia", "ha toccato mio figlio",
           "molestat*", "molestie", "abusi sessuali", "abusato", "aggredit*", "riposi in pace", "riposino in pace",
           "r.i.p", "sono morti", "mort* ~ mio padre", "mort* ~ mia madre", "mort* ~ mio marito", "mort* ~ mia moglie", "mort* ~ mio figlio", "mort* ~ mia figlia", "morto in", "morti in", "deceduto", "deceduta", "scompars* mi* padre",
           "funerale", "pedofil*", "razzist*", "razzismo", "omofob*", "transfob*", "discriminat*", "discriminazione",
           "fuga di dati", "violazione dei dati"),
    "de": ("umbringen", "selbstmord*", "suizid*", "nicht mehr leben", "will sterben", "möchte sterben",
           "das leben nehmen", "schluss machen mit allem", "selbstverletz*", "begrapscht*", "begrabscht*", "grapscht*",
           "grabscht*", "vergewaltig*", "sexuell*", "missbraucht*", "belästigt*", "tochter angefasst", "sohn angefasst",
           "tätlich", "verprügelt", "ruhe in frieden", "r.i.p", "verstorben*", "gestorben ~ mein vater", "gestorben ~ meine mutter", "gestorben ~ mein mann", "gestorben ~ meine frau", "gestorben ~ mein sohn", "gestorben ~ meine tochter", "ums leben", "beerdigung",
           "trauerfall", "mein beileid", "getötet*", "kindesmissbrauch", "pädophil*", "rassist*", "rassismus",
           "homophob*", "transphob*", "antisemit*", "diskriminier*", "datenleck", "datenpanne"),
    "fr": ("suicid*", "me tuer", "en finir", "envie de mourir", "veux mourir", "plus envie de vivre", "mettre fin à mes jours",
           "automutil*", "violé*", "viol", "agression sexuelle", "agressé*", "attouchement*", "peloté*", "tripoté*",
           "a touché ma fille", "a touché mon fils", "harcèlement sexuel", "abusé de", "repose en paix", "reposent en paix",
           "r.i.p", "décédé*", "mort* ~ mon père", "mort* ~ ma mère", "mort* ~ mon mari", "mort* ~ ma femme", "mort* ~ mon fils", "mort* ~ ma fille", "sont morts", "morts dans", "obsèques", "funérailles", "enterrement",
           "condoléances", "pédophil*", "raciste*", "racisme", "homophob*", "transphob*", "antisémit*", "discriminat*",
           "discrimin*", "fuite de données"),
    "pt": ("suicíd*", "suicid*", "me matar", "tirar a própria vida", "quero morrer", "apalpou", "estupr*", "abuso sexual",
           "assediou", "assédio sexual", "descanse em paz", "faleceu", "faleceram", "morreu ~ meu pai", "morreu ~ minha mãe", "morreu ~ meu marido", "morreu ~ minha mulher", "morreu ~ meu filho", "morreu ~ minha filha", "morreram", "funeral",
           "pedófil*", "racista*", "racismo", "homofob*", "discrimina*"),
    "nl": ("zelfmoord*", "zelfdoding", "wil dood", "niet meer leven", "betast*", "aangerand", "aanranding", "verkracht*",
           "seksueel", "rust zacht", "overleden", "om het leven", "begrafenis", "racist*", "racisme", "homofob*",
           "discrimin*", "datalek"),
    "pl": ("samobójst*", "zabić się", "chcę umrzeć", "nie chcę żyć", "molest*", "zgwałc*", "gwałt", "spoczywaj w pokoju",
           "nie żyje", "zmarł*", "zginęł*", "pogrzeb*", "rasist*", "rasizm*", "dyskrymin*", "wyciek danych"),
}
"""What is for people only."""

BURNING_NOW: dict[str, tuple[str, ...]] = {
    "en": ("is on fire", "are on fire", "it's on fire", "on fire right now", "on fire now", "is in flames",
           "flames coming", "flames are", "is burning right now", "is burning now", "has caught fire", "just caught fire",
           "there's a fire", "there is a fire"),
    "es": ("está ardiendo", "esta ardiendo", "está en llamas", "hay fuego", "salen llamas", "se está quemando",
           "se está incendiando", "está saliendo fuego", "acaba de prenderse fuego"),
    "it": ("sta bruciando", "è in fiamme", "sta andando a fuoco", "va a fuoco", "escono fiamme", "ha appena preso fuoco",
           "c'è un incendio"),
    "de": ("brennt gerade", "brennt jetzt", "es brennt", "steht in flammen", "ofen brennt", "trockner brennt",
           "maschine brennt", "herd brennt", "küche brennt", "schlagen flammen", "gerade feuer gefangen"),
    "fr": ("est en feu", "est en flammes", "est en train de brûler", "ça brûle", "il y a le feu", "vient de prendre feu",
           "des flammes sortent", "il y a des flammes"),
    "pt": ("está a arder", "está pegando fogo", "está em chamas", "está queimando", "acabou de pegar fogo"),
    "nl": ("staat in brand", "staat in de fik", "vlammen uit", "brandt nu", "er is brand"),
    "pl": ("pali się", "płonie", "stoi w ogniu", "stoi w płomieniach"),
}
"""Fire at this moment: the emergency number comes first."""

NOT_NOW: dict[str, tuple[str, ...]] = {
    "en": ("not on fire", "isn't on fire", "wasn't on fire", "yesterday", "last *", "ago", "was on fire", "you're on fire",
           "you are on fire", "guys are on fire", "team is on fire", "was burning"),
    "es": ("ayer", "hace * días", "hace * semanas", "la semana pasada", "el año pasado", "no está ardiendo"),
    "it": ("ieri", "* giorni fa", "settimana scorsa", "anno scorso", "non sta bruciando"),
    "de": ("gestern", "vor * tagen", "vor * wochen", "letzte woche", "letztes jahr", "es brennt nicht", "brennt nicht"),
    "fr": ("hier", "il y a * jours", "semaine dernière", "année dernière", "n'est pas en feu"),
    "pt": ("ontem", "semana passada", "ano passado"),
    "nl": ("gisteren", "vorige week", "vorig jaar", "niet in brand"),
    "pl": ("wczoraj", "w zeszłym", "nie pali się"),
}
"""Signs that a fire is past or none."""

EMERGENCY: dict[str, tuple[str, ...]] = {
    "en": ("If it is burning now, please get everyone out and call {number} or your local emergency number. Don't go back in. "
           "Our team has been alerted, {ref}. {team}",
           "Your safety first, {name}: leave the room, close the door and call {number} or your local emergency number now. "
           "Our team has been alerted. {ref} {team}",
           "Please get out and call the fire brigade on {number} or your local number at once. Leave everything where it is. "
           "We have alerted our team: {ref} {team}"),
    "es": ("Si está ardiendo ahora, salid todos y llama al {number} o a tu número de emergencias. No volváis a entrar. "
           "Hemos avisado a nuestro equipo, {ref}. {team}",
           "Lo primero es tu seguridad, {name}: sal, cierra la puerta y llama ya al {number} o a tu número de emergencias. "
           "Nuestro equipo está avisado. {ref} {team}",
           "Sal de ahí y llama enseguida a los bomberos, {number} o tu número local. Deja todo como está. "
           "Hemos avisado a nuestro equipo: {ref} {team}"),
    "it": ("Se sta bruciando adesso, uscite tutti e chiama il {number} o il numero di emergenza locale. Non rientrate. "
           "Abbiamo avvisato il nostro team, {ref}. {team}",
           "Prima di tutto la tua sicurezza, {name}: esci, chiudi la porta e chiama subito il {number} o il numero di "
           "emergenza locale. Il nostro team è avvisato. {ref} {team}",
           "Esci e chiama subito i vigili del fuoco, {number} o il numero locale. Lascia tutto dov'è. "
           "Abbiamo avvisato il nostro team: {ref} {team}"),
    "de": ("Wenn es jetzt brennt: Bitte bringen Sie alle nach draußen und wählen Sie {number} oder Ihren örtlichen Notruf. "
           "Gehen Sie nicht zurück. Unser Team ist alarmiert, {ref}. {team}",
           "Ihre Sicherheit geht vor, {name}: Raum verlassen, Tür schließen, sofort {number} oder den örtlichen Notruf "
           "wählen. Unser Team ist alarmiert. {ref} {team}",
           "Bitte verlassen Sie den Raum und rufen Sie sofort die Feuerwehr, {number} oder den örtlichen Notruf. Lassen Sie "
           "alles stehen. Unser Team weiß Bescheid: {ref} {team}"),
    "fr": ("Si cela brûle en ce moment, faites sortir tout le monde et appelez le {number} ou votre numéro d'urgence. "
           "N'y retournez pas. Notre équipe est alertée, {ref}. {team}",
           "Votre sécurité d'abord, {name} : sortez, fermez la porte et appelez tout de suite le {number} ou votre numéro "
           "d'urgence. Notre équipe est alertée. {ref} {team}",
           "Sortez et appelez immédiatement les pompiers, au {number} ou à votre numéro local. Laissez tout sur place. "
           "Nous avons alerté notre équipe : {ref} {team}"),
    "pt": ("Se está a arder agora, saiam todos e liguem para o {number} ou para o número de emergência local. Não voltem a "
           "entrar. A nossa equipa foi avisada, {ref}. {team}",),
    "nl": ("Brandt het nu? Breng iedereen naar buiten en bel {number} of uw lokale alarmnummer. Ga niet terug naar binnen. "
           "Ons team is gewaarschuwd, {ref}. {team}",),
    "pl": ("Jeśli pali się teraz, proszę wyprowadzić wszystkich i zadzwonić pod {number} lub lokalny numer alarmowy. Proszę "
           "nie wracać do środka. Nasz zespół został zaalarmowany, {ref}. {team}",),
}
"""What is said to present fire. Nobody is told to touch what burns."""

EMERGENCY_NUMBERS: dict[str, str] = {
    "GB": "999", "US": "911", "CA": "911", "MX": "911", "AU": "000", "NZ": "111", "JP": "119", "KR": "119", "BR": "193",
}
"""By country (ISO 3166). 112, which works all over the European Union and in many other countries, for all others."""
ANYWHERE = "112"
# fmt: on
