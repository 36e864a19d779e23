package io.scanline.server.engine;

/** Checks what a request gives of its images, as a prefix or by a mask. Fields are named as in scanline.v1. */
final class GivenChecks {
    private GivenChecks() {}

    /** @param drawn the values that a mask or a prefix is about */
    static Given given(GenerationRequest request, ValueGrid drawn) throws EngineException {
        if (request.given().isEmpty()) {
            return prefix(request.prefix(), drawn);
        }
        if (request.prefix().length > 0) {
            throw EngineException.field(
                    Reason.FIELD_CONFLICT,
                    "prefix",
                    "prefix and given exclude each other; give the prefix by the mask");
        }
        return masked(request.given().get(), drawn);
    }

    private static Given prefix(byte[] prefix, ValueGrid drawn) throws EngineException {
        if (prefix.length > drawn.values()) {
            throw EngineException.field(
                    Reason.PREFIX_TOO_LONG,
                    "prefix",
                    "prefix has " + prefix.length + " values; an image has " + drawn.values());
        }
        RequestChecks.checkValues("prefix", prefix, drawn);
        return Given.prefix(prefix);
    }

    private static Given masked(MaskedValues masked, ValueGrid drawn) throws EngineException {
        checkSize("given.values", masked.values(), drawn);
        checkSize("given.mask", masked.mask(), drawn);
        for (int i = 0; i < masked.mask().length; i++) {
            if (masked.mask()[i] != 0 && masked.mask()[i] != 1) {
                throw EngineException.field(
                        Reason.MASK_OUT_OF_RANGE,
                        "given.mask",
                        "byte " + i + " of given.mask is " + (masked.mask()[i] & 0xFF) + "; it must be 0 or 1");
            }
        }
        Given given = Given.masked(masked.values(), masked.mask());
        RequestChecks.checkValues("given.values", given.image(drawn.values()), drawn);
        return given;
    }

    private static void checkSize(String field, byte[] bytes, ValueGrid drawn) throws EngineException {
        if (bytes.length != drawn.values()) {
            throw EngineException.field(
                    Reason.GIVEN_SIZE_MISMATCH,
                    field,
                    field + " has " + bytes.length + " bytes; it must have one for each of " + drawn.values()
                            + " values");
        }
    }
}
