// Customers to be, each with words to try in their language. All of them are made up.

export const PERSONAS = [
  {
    name: "Emma Clarke", handle: "emma_clarke", followers: 412, language: "en", email: "emma.clarke@example.org",
    words: [
      "my oven keeps switching off after ten minutes. Third time this week, what can I do?",
      "your service engineer did not turn up in Manchester today. I took a day off for this!",
      "the dishwasher smells of burning plastic and there is smoke. Is it safe to use?",
    ],
  },
  {
    name: "Lucía Fernández", handle: "lucia_fdez", followers: 1280, language: "es", email: "lucia.fernandez@example.org",
    words: [
      "mi lavadora no centrifuga desde el lunes. ¿Me pueden ayudar?",
      "nadie vino a reparar el frigorífico en Sevilla y era hoy. ¡Otra vez!",
    ],
  },
  {
    name: "Giulia Rossi", handle: "giuliarossi", followers: 96, language: "it", email: "giulia.rossi@example.org",
    words: [
      "la lavastoviglie perde acqua da ieri sera, cosa devo fare?",
      "a Milano il tecnico non si è presentato e nessuno mi avvisa.",
    ],
  },
  {
    name: "Jonas Weber", handle: "jonasweber", followers: 23, language: "de", email: "jonas.weber@example.org",
    words: [
      "mein Backofen heizt nicht mehr richtig. Woran kann das liegen?",
      "in Hamburg warte ich seit zwei Wochen auf den Kundendienst. Unmöglich!",
    ],
  },
  {
    name: "Camille Martin", handle: "camille_mtn", followers: 15400, language: "fr", email: "camille.martin@example.org",
    words: [
      "mon réfrigérateur fait un bruit énorme depuis hier, c'est normal ?",
      "le technicien n'est jamais venu à Lyon. Je suis très déçue.",
    ],
  },
];
