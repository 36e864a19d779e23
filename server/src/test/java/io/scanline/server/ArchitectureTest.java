package io.scanline.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** transport -> engine -> runtime, and nothing backwards. */
@AnalyzeClasses(packages = "io.scanline.server", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String RUNTIME = "io.scanline.server.runtime..";
    private static final String ENGINE = "io.scanline.server.engine..";
    private static final String TRANSPORT = "io.scanline.server.transport..";

    @ArchTest
    static final ArchRule engineKnowsNoTransport = noClasses()
            .that()
            .resideInAPackage(ENGINE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TRANSPORT, "io.grpc..", "io.netty..", "com.linecorp..", "io.scanline.v1..");

    @ArchTest
    static final ArchRule runtimeKnowsNeitherEngineNorTransportNorMessages = noClasses()
            .that()
            .resideInAPackage(RUNTIME)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ENGINE, TRANSPORT, "io.grpc..", "io.netty..", "com.linecorp..", "io.scanline.v1..",
                    "io.scanline.bundle..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule onlyRuntimeKnowsOnnxRuntime = noClasses()
            .that()
            .resideOutsideOfPackage(RUNTIME)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.onnxruntime..");

    @ArchTest
    static final ArchRule transportReachesTheRuntimeOnlyThroughTheEngine = noClasses()
            .that()
            .resideInAPackage(TRANSPORT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(RUNTIME)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule serverKnowsNoTrainer =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.scanline.trainer..");
}
