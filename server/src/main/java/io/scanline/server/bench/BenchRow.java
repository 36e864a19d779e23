package io.scanline.server.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Locale;

/**
 * One measured comparison.
 *
 * @param name what is compared
 * @param ours our figure
 * @param reference the figure it is measured against
 * @param ratio ours over reference, as measured in pairs where that was possible
 * @param unit of both; more is better unless it says otherwise
 * @param conditions how both were measured
 */
public record BenchRow(
        String name, double ours, double reference, double ratio, String unit, String conditions) {
    /** A comparison of two figures that were not measured in pairs. */
    public BenchRow(String name, double ours, double reference, String unit, String conditions) {
        this(name, ours, reference, ours / reference, unit, conditions);
    }

    /** One line of JSON. */
    public String toJson() {
        Struct row = Struct.newBuilder()
                .putFields("name", text(name))
                .putFields("ours", number(ours))
                .putFields("reference", number(reference))
                .putFields("ratio", number(ratio))
                .putFields("unit", text(unit))
                .putFields("conditions", text(conditions))
                .build();
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(row);
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException("a row of numbers and text has JSON", impossible);
        }
    }

    /** One line for people. */
    public String toText() {
        return String.format(
                Locale.ROOT, "%-40s %12.1f %12.1f %9.3f  %s  %s", name, ours, reference, ratio, unit, conditions);
    }

    /** The headings of {@link #toText}. */
    public static String header() {
        return String.format(Locale.ROOT, "%-40s %12s %12s %9s", "name", "ours", "reference", "ratio");
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(number).build();
    }
}
