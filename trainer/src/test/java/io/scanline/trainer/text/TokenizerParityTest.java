package io.scanline.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scanline.bundle.v1.TextInput;
import io.scanline.contract.TextTokenizer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * The ids of 10,000 texts, words and random characters of many scripts, controls, emoji, an empty one and one of 10,000
 * characters among them, against those that the Python library tokenizers 0.23.2 made of them. make.py, beside the texts,
 * makes them anew when the tokenizer of clip-emoji is another one.
 */
class TokenizerParityTest {
    private static final Path TOKENIZER = Path.of("../deploy/models/clip-emoji/1/tokenizer.json");

    @Test
    void idsAreThoseOfThePythonLibrary() throws Exception {
        ObjectMapper json = new ObjectMapper();
        TextInput input = TextInput.newBuilder()
                .setTokenizer("tokenizer.json")
                .setContext(20_000)
                .build();
        int texts = 0;
        int known = 0;
        int longest = 0;
        try (TextTokenizer tokenizer = TextTokenizer.read(Files.readAllBytes(TOKENIZER), input);
                BufferedReader lines = new BufferedReader(new InputStreamReader(
                        new GZIPInputStream(getClass().getResourceAsStream("/tokens/texts.jsonl.gz")),
                        StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode each = json.readTree(line);
                String text = each.get(0).textValue();
                int[] expected = json.convertValue(each.get(1), int[].class);
                assertThat(tokenizer.ids(text)).as(line).isEqualTo(expected);
                texts++;
                known += expected.length;
                longest = Math.max(longest, text.length());
            }
        }
        assertThat(texts).isEqualTo(10_000);
        assertThat(longest).isEqualTo(10_000);
        assertThat(known).isGreaterThan(50_000);
    }
}
