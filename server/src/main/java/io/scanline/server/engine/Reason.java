package io.scanline.server.engine;

/** Why a request or a bundle was refused. The names are part of the public API: clients match on them. */
public enum Reason {
    /** A required field is missing. */
    FIELD_REQUIRED,
    /** No model of this name and version. */
    MODEL_NOT_FOUND,
    /** The model is there but did not load. */
    MODEL_NOT_SERVING,
    /** No class of this index or name. */
    CLASS_NOT_FOUND,
    /** Class index and class name mean different classes. */
    CLASS_MISMATCH,
    /** The model is class-conditional and no class was given. */
    CLASS_REQUIRED,
    /** The model is not class-conditional and a class was given. */
    CLASS_NOT_SUPPORTED,
    /** Number of images is 0 or above the limit. */
    COUNT_OUT_OF_RANGE,
    /** Temperature is negative, not a number, infinite or above 10. */
    TEMPERATURE_OUT_OF_RANGE,
    /** topP is not in (0, 1]. */
    TOP_P_OUT_OF_RANGE,
    /** topK is negative. */
    TOP_K_OUT_OF_RANGE,
    /** More given values than the image has. */
    PREFIX_TOO_LONG,
    /** Given values, or their mask, that are not exactly as many as the image has. */
    GIVEN_SIZE_MISMATCH,
    /** A byte of a mask is neither 0 nor 1. */
    MASK_OUT_OF_RANGE,
    /** Two fields that exclude each other. */
    FIELD_CONFLICT,
    /** Images to keep are 0 or more than the images of the request. */
    KEEP_OUT_OF_RANGE,
    /** The margin is negative or not a number. */
    MARGIN_OUT_OF_RANGE,
    /** An image to score does not have exactly as many values as the model's images. */
    IMAGE_SIZE_MISMATCH,
    /** A given value is not a level of the model. */
    VALUE_OUT_OF_RANGE,
    /** The model has no use for the field; leave it out. */
    FIELD_NOT_SUPPORTED,
    /** The model has nothing to draw images from. */
    GENERATION_NOT_SUPPORTED,
    /** The model defines no likelihood and no bound on it. */
    SCORE_NOT_SUPPORTED,
    /** The model has no latent space. */
    LATENT_NOT_SUPPORTED,
    /** The model has no encoder: it makes images of latents, but no latents of images. */
    ENCODE_NOT_SUPPORTED,
    /** The model's latents are codes, and there is nothing between two codes. */
    INTERPOLATION_NOT_SUPPORTED,
    /** A latent of another kind than the model's. */
    LATENT_KIND_MISMATCH,
    /** A latent with more or fewer components than the model's. */
    LATENT_SIZE_MISMATCH,
    /** A component of a latent is not a number, or infinite. */
    LATENT_NOT_FINITE,
    /** A code that the model's codebook does not have. */
    CODE_OUT_OF_RANGE,
    /** Number of frames is below 2 or above the limit. */
    FRAMES_OUT_OF_RANGE,
    /** Number of importance samples is 0 or above the limit. */
    IMPORTANCE_SAMPLES_OUT_OF_RANGE,
    /** A generation is to be held for longer than the limit. */
    HOLD_OUT_OF_RANGE,
    /** The generation has no image of this index. */
    IMAGE_INDEX_OUT_OF_RANGE,
    /** What a reader lacks first is beyond the image, or is not said for every image. */
    NEXT_INDEX_OUT_OF_RANGE,
    /** The generation that a prefix is to be taken from is of another model. */
    FORK_MODEL_MISMATCH,
    /** The generation is started already. */
    STARTED_TWICE,
    /** More values are to be taken from a generation than it has decided. Retry later. */
    FORK_UNDECIDED,
    /** No generation of this id runs or is held: it was read to its end, given up, or never was here. */
    GENERATION_NOT_FOUND,
    /** There is no room to hold one more generation. Retry later, or do without. */
    HOLD_MEMORY_FULL,
    /** Somebody else reads the generation now. */
    READER_REPLACED,
    /** The generation was cancelled by its id. */
    GENERATION_CANCELLED,
    /** An enum value that this server does not know. */
    ENUM_UNKNOWN,
    /** The name that a client gives itself is empty, too long or has characters that it may not have. */
    CLIENT_NAME_INVALID,
    /** Interval above the limit. */
    INTERVAL_OUT_OF_RANGE,
    /** The model embeds nothing. */
    EMBEDDING_NOT_SUPPORTED,
    /** The model has no graph for texts. */
    TEXT_NOT_SUPPORTED,
    /** The model has no classes of its own. */
    CLASSIFY_NOT_SUPPORTED,
    /** The model puts no images into words. */
    CAPTION_NOT_SUPPORTED,
    /** More tokens are asked for than the model's context holds. */
    TOKENS_OUT_OF_RANGE,
    /** A picture is no file of a format that is read. */
    PICTURE_FORMAT_UNKNOWN,
    /** A picture file is broken. */
    PICTURE_UNREADABLE,
    /** A picture has more bytes or more pixels than the limit. */
    PICTURE_TOO_LARGE,
    /** A text has more characters than the limit, or more tokens than the model takes. */
    TEXT_TOO_LONG,
    /** The model's steps are not there in the precision that was asked for. */
    PRECISION_NOT_FOUND,
    /** The model draws what a text says and no text was given. */
    PROMPT_REQUIRED,
    /** The model draws no texts and one was given. */
    PROMPT_NOT_SUPPORTED,
    /** A prompt has more characters than the limit, or more tokens than the model takes. */
    PROMPT_TOO_LONG,
    /** Guidance is negative, no number or above 20, was given without a prompt, or takes more slots than there are. */
    INVALID_GUIDANCE,
    /** A template has no place for a class name. */
    TEMPLATE_INVALID,
    /** A stream asks another model than its first message did. */
    MODEL_CHANGED,
    /** Share of an image that is negative, not a number or above 100 percent. */
    PERCENT_OUT_OF_RANGE,
    /** Size of previews above the limit. */
    PREVIEW_SIZE_OUT_OF_RANGE,
    /** Message larger than the limit. */
    MESSAGE_TOO_LARGE,
    /** The waiting line is full. Retry later. */
    QUEUE_FULL,
    /** The client has as many images waiting as one client may have. Retry later. */
    CLIENT_QUEUE_FULL,
    /** The images cannot be complete before the deadline. Retry later, or with a longer deadline. */
    DEADLINE_UNREACHABLE,
    /** The deadline passed. */
    DEADLINE_EXCEEDED,
    /** The client cancelled. */
    CANCELLED,
    /** The server is shutting down. Retry elsewhere. */
    SHUTTING_DOWN,
    /** The server's fault. */
    INTERNAL,

    /** bundle.json is missing. */
    BUNDLE_DESCRIPTION_MISSING,
    /** bundle.json is not a valid description. */
    BUNDLE_DESCRIPTION_INVALID,
    /** A listed file is missing. */
    BUNDLE_FILE_MISSING,
    /** A file is shorter or longer than listed. */
    BUNDLE_FILE_SIZE_MISMATCH,
    /** A file does not have the listed digest. */
    BUNDLE_FILE_CORRUPT,
    /** A path leaves the bundle's directory, or a file is a link. */
    BUNDLE_PATH_ESCAPES,
    /** A bundle is larger than the limit. */
    BUNDLE_TOO_LARGE,
    /** A graph cannot be loaded or does not have the described tensors. */
    BUNDLE_GRAPH_INVALID,
    /** A tokenizer.json cannot be read. */
    BUNDLE_TOKENIZER_INVALID,
    /** The golden samples are not reproduced. */
    BUNDLE_GOLDEN_MISMATCH,
    /** A bundle that a pipeline names is not there, or does not serve. */
    BUNDLE_STAGE_MISSING,
    /** A bundle that a pipeline names is another one than it was made of, or cannot do what its stage asks. */
    BUNDLE_STAGE_MISMATCH
}
