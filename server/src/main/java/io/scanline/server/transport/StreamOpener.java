package io.scanline.server.transport;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.Generations;
import io.scanline.server.engine.Keeping;
import io.scanline.server.engine.OpenGeneration;
import io.scanline.server.transport.ActiveStreams.Opening;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.ResumeRequest;
import java.util.List;
import java.util.Optional;

/** Brings calls and generations together: new ones, and those that go on. */
final class StreamOpener {
    private final Generations generations;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    /** A generation and where its reader begins, image by image. */
    private record Opened(OpenGeneration generation, int[] beginnings) {}

    StreamOpener(Generations generations, StreamWorkshop workshop, Refusals refusals) {
        this.generations = generations;
        this.workshop = workshop;
        this.refusals = refusals;
    }

    /** A stream for a call whose handler runs. */
    GenerationStream connect(EventSink<?> out) {
        GenerationStream stream = new GenerationStream(out, workshop);
        out.connect(stream);
        return stream;
    }

    /** Admits a request, or refuses the call; empty: it was refused. */
    Optional<OpenGeneration> start(GenerateRequest request, GenerationStream stream, EventSink<?> out) {
        StreamPlan plan;
        GenerationRequest asked;
        Keeping keeping;
        try {
            plan = StreamPlan.of(request.getCadence());
            asked = Requests.generation(request);
            keeping = Requests.keeping(request);
        } catch (EngineException refusal) {
            out.refuse(Statuses.of(refusals.counted(refusal)));
            return Optional.empty();
        }
        try {
            return Optional.of(begin(stream, plan, () -> {
                OpenGeneration opened = generations.open(asked, keeping, Requests.fork(request), plan, stream);
                return new Opened(opened, opened.beginnings(List.of(), false));
            }));
        } catch (EngineException refusal) { // the engine has counted it
            out.refuse(Statuses.of(refusal));
            return Optional.empty();
        }
    }

    /** Makes a call the reader of a generation, or refuses it. */
    void resume(ResumeRequest request, GenerationStream stream, EventSink<?> out) {
        try {
            OpenGeneration found = generations.find(request.getGenerationId());
            StreamPlan plan = request.hasCadence() ? StreamPlan.of(request.getCadence()) : (StreamPlan) found.plan();
            // Before it is resumed: a bad request must not replace the reader.
            int[] beginnings = found.beginnings(request.getNextIndexList(), request.getWhole());
            begin(stream, plan, () -> {
                generations.resume(found, stream);
                return new Opened(found, beginnings);
            });
        } catch (EngineException refusal) {
            out.refuse(Statuses.of(refusals.counted(refusal)));
        }
    }

    private OpenGeneration begin(GenerationStream stream, StreamPlan plan, Opening<Opened> opening)
            throws EngineException {
        Opened opened = workshop.streams().open(opening);
        stream.begin(opened.generation(), plan, opened.beginnings());
        return opened.generation();
    }
}
