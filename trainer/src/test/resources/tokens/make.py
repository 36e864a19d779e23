"""Writes texts.jsonl.gz: 10,000 texts, drawn from many scripts, and their ids in clip-emoji by the Python library tokenizers.

From the root of the repository:

    pip install tokenizers==0.23.2 && python trainer/src/test/resources/tokens/make.py
"""

import gzip
import json
import random
import unicodedata

import tokenizers

RANGES = [
    (0x20, 0x7E), (0x00, 0x1F), (0x7F, 0xA0), (0xA1, 0x24F), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x4FF), (0x590, 0x5FF),
    (0x600, 0x6FF), (0x900, 0x97F), (0xE00, 0xE7F), (0x1100, 0x11FF), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2190, 0x21FF),
    (0x2600, 0x27BF), (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xF8FF), (0xFE00, 0xFE0F),
    (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF), (0x20000, 0x2A6DF), (0xE0001, 0xE007F), (0xFFFE, 0xFFFF),
]
FIXED = ["", " ", "\n", "\0", "a" * 10_000, "\U0001F468\u200D\U0001F469\u200D\U0001F467" * 100, "e\u0301" * 50, "\uFEFFcat", "[PAD]",
         "smiling face with heart-eyes", "SMILING  Face", "woman: medium-dark skin tone", "\u732B", "\u0130\u0131\u00DF\uFB01"]

tokenizer = tokenizers.Tokenizer.from_file("deploy/models/clip-emoji/1/tokenizer.json")
words = sorted(tokenizer.get_vocab())
draw = random.Random(1)


def text():
    parts = []
    for _ in range(draw.randrange(1, 6)):
        kind = draw.random()
        if kind < 0.35:
            word = draw.choice(words)
            parts.append(draw.choice([word, word.upper(), word.title(), unicodedata.normalize("NFD", word)]))
        else:
            low, high = draw.choice(RANGES)
            parts.append("".join(chr(draw.randint(low, high)) for _ in range(draw.randrange(1, 5))))
        parts.append(draw.choice(["", " ", "  ", "\t", "\u00A0", "-", "'", "\u200D", "\u3000"]))
    return "".join(parts)


texts = FIXED + [text() for _ in range(10_000 - len(FIXED))]
with open("trainer/src/test/resources/tokens/texts.jsonl.gz", "wb") as file, gzip.GzipFile("", "wb", mtime=0, fileobj=file) as packed:
    for each in texts:
        packed.write((json.dumps([each, tokenizer.encode(each).ids]) + "\n").encode())
