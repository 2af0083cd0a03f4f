"""Whole messages that only carry a conversation on or close it, by language; they ship with the package.

They count as whole messages only, in every language at once, since a language cannot be told from one word.
"""

from __future__ import annotations

# fmt: off
TALK: dict[str, tuple[str, ...]] = {
    "en": ("ok", "okay", "k", "kk", "ok thanks", "okay thanks", "ok thank you", "thanks", "thank you", "thx", "ty", "tysm",
           "many thanks", "thanks a lot", "thank you very much", "thank you so much", "cheers", "ta", "much appreciated",
           "sent", "just sent", "sent it", "i sent it", "done", "will do", "on it", "got it", "gotcha", "noted", "i see",
           "sure", "fine", "great thanks", "great thank you", "perfect thanks", "no worries", "no problem", "you're welcome",
           "dm sent", "dm'd", "just dm'd", "i dm'd you", "just dm'd you", "dm'd you", "i'll dm you", "i will dm you",
           "sent you a dm", "sent a dm", "messaged you", "just messaged you", "pm sent", "check your dms", "check dm",
           "following", "followed", "thanks will do", "ok will do", "bye", "good night", "talk later", "understood"),
    "es": ("ok", "vale", "vale gracias", "gracias", "muchas gracias", "mil gracias", "ok gracias", "perfecto gracias", "hecho",
           "enviado", "ya está", "ya lo envié", "ya os he escrito", "de acuerdo", "entendido", "de nada", "mensaje enviado",
           "os escribo por privado", "te escribo por privado", "genial gracias"),
    "it": ("ok", "va bene", "grazie", "grazie mille", "mille grazie", "tante grazie", "ok grazie", "va bene grazie", "fatto",
           "inviato", "mandato", "capito", "d'accordo", "prego", "vi scrivo in privato", "ti scrivo in privato",
           "perfetto grazie", "ho scritto in privato"),
    "de": ("ok", "okay", "danke", "danke schön", "dankeschön", "vielen dank", "besten dank", "herzlichen dank", "ok danke",
           "alles klar", "alles klar danke", "mach ich", "erledigt", "gemacht", "gesendet", "geschickt", "abgeschickt",
           "verstanden", "gerne", "bitte", "kein problem", "ist raus", "dm ist raus", "nachricht ist raus", "super danke",
           "perfekt danke", "passt", "schreibe euch per dm", "hab euch geschrieben"),
    "fr": ("ok", "d'accord", "merci", "merci beaucoup", "mille mercis", "un grand merci", "ok merci", "d'accord merci",
           "c'est fait", "c'est envoyé", "envoyé", "fait", "compris", "de rien", "entendu", "parfait merci", "super merci",
           "je vous écris en mp", "mp envoyé", "dm envoyé", "message envoyé"),
    "pt": ("ok", "obrigado", "obrigada", "muito obrigado", "muito obrigada", "certo", "feito", "enviado", "combinado",
           "valeu", "de nada", "tá bom", "está bem", "entendi"),
    "nl": ("ok", "oké", "bedankt", "dank je", "dank je wel", "dankjewel", "dank u", "dank u wel", "ok bedankt", "gedaan",
           "verstuurd", "verzonden", "doe ik", "begrepen", "graag gedaan", "prima"),
    "pl": ("ok", "dzięki", "dziękuję", "dziękuję bardzo", "dobrze", "wysłane", "wysłałem", "wysłałam", "zrobione", "jasne",
           "rozumiem", "nie ma za co"),
    "sv": ("ok", "okej", "tack", "tack så mycket", "skickat", "klart", "förstår", "ingen fara"),
    "da": ("ok", "okay", "tak", "mange tak", "sendt", "forstået", "det gør jeg"),
    "nb": ("ok", "takk", "tusen takk", "sendt", "forstått", "den er grei"),
    "fi": ("ok", "kiitos", "kiitos paljon", "lähetetty", "selvä", "tehty"),
    "cs": ("ok", "díky", "děkuji", "děkuju", "odesláno", "hotovo", "rozumím"),
    "sk": ("ok", "vďaka", "ďakujem", "odoslané", "hotovo", "rozumiem"),
    "ro": ("ok", "mulțumesc", "mersi", "trimis", "gata făcut", "am înțeles"),
    "hu": ("ok", "köszi", "köszönöm", "elküldtem", "rendben", "értem"),
    "el": ("οκ", "ok", "ευχαριστώ", "ευχαριστώ πολύ", "εντάξει", "έγινε", "το έστειλα"),
    "tr": ("tamam", "ok", "teşekkürler", "teşekkür ederim", "sağ olun", "gönderdim", "anladım"),
    "uk": ("ок", "дякую", "дуже дякую", "добре", "надіслав", "надіслала", "зрозуміло"),
    "ru": ("ок", "спасибо", "большое спасибо", "хорошо", "отправил", "отправила", "понял", "поняла", "понятно"),
    "ar": ("شكرا", "شكرا لكم", "شكرا جزيلا", "حسنا", "تم", "تم الإرسال"),
    "he": ("תודה", "תודה רבה", "אוקיי", "בסדר", "נשלח", "שלחתי"),
    "ja": ("ありがとう", "ありがとうございます", "了解", "了解です", "わかりました", "送りました"),
    "ko": ("감사합니다", "고마워요", "네", "알겠습니다", "보냈습니다"),
    "id": ("ok", "oke", "terima kasih", "makasih", "sudah", "sudah dikirim", "baik"),
    "vi": ("ok", "cảm ơn", "cám ơn", "cảm ơn bạn", "đã gửi", "vâng"),
    "hi": ("धन्यवाद", "ठीक है", "शुक्रिया", "भेज दिया"),
}
# fmt: on
