package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.scanline.server.engine.TinyBundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** That the bench measures every row, on a model so small that the figures mean nothing. */
@Timeout(60)
class DecodeBenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new DecodeBenchCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void everyRowIsOneLineOfJson() throws Exception {
        String models = TinyBundle.repository().toString();
        assertThat(execute("--models", models, "--model", "tiny", "--threads", "1", "--seconds", "0.02", "--json"))
                .isZero();
        List<String> names = new ArrayList<>();
        for (String line : out.toString().lines().toList()) {
            Struct.Builder row = Struct.newBuilder();
            JsonFormat.parser().merge(line, row);
            Map<String, Value> fields = row.getFieldsMap();
            assertThat(fields).containsOnlyKeys("name", "ours", "reference", "ratio", "unit", "conditions");
            assertThat(fields.get("ours").getNumberValue()).isPositive();
            assertThat(fields.get("reference").getNumberValue()).isPositive();
            assertThat(fields.get("ratio").getNumberValue()).isPositive();
            assertThat(fields.get("conditions").getStringValue()).contains("tiny/1");
            names.add(fields.get("name").getStringValue());
        }
        assertThat(names)
                .containsExactly(
                        "engine-over-bare slots=1 aligned",
                        "engine-over-bare slots=1 ragged",
                        "engine-over-naive slots=1",
                        "engine-over-bare slots=4 aligned",
                        "engine-over-bare slots=4 ragged",
                        "engine-over-bare slots=16 aligned",
                        "engine-over-bare slots=16 ragged");
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(execute("--models", "no-such-directory")).isEqualTo(2);
        assertThat(execute("--models", TinyBundle.repository().toString(), "--seconds", "0")).isEqualTo(2);
        assertThat(execute("--models", TinyBundle.repository().toString(), "--model", "nobody")).isEqualTo(1);
        assertThat(err.toString()).contains("MODEL_NOT_FOUND");
    }
}
