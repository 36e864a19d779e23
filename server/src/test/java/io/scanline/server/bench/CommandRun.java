package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** A bench command that was run, and what it printed. */
record CommandRun(int exitCode, String out, String err) {
    static CommandRun of(Object command, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new CommandRun(exitCode, out.toString(), err.toString());
    }

    /** Names of the rows, each of which must be one line of JSON about this model, whole and positive. */
    List<String> rows(String model) throws Exception {
        assertThat(exitCode).as(err).isZero();
        List<String> names = new ArrayList<>();
        for (String line : out.lines().toList()) {
            Struct.Builder row = Struct.newBuilder();
            JsonFormat.parser().merge(line, row);
            Map<String, Value> fields = row.getFieldsMap();
            assertThat(fields).containsOnlyKeys("name", "ours", "reference", "ratio", "unit", "conditions");
            for (String figure : List.of("ours", "reference", "ratio")) {
                assertThat(fields.get(figure).getNumberValue()).as(figure).isPositive();
            }
            assertThat(fields.get("conditions").getStringValue()).contains(model);
            names.add(fields.get("name").getStringValue());
        }
        return names;
    }
}
