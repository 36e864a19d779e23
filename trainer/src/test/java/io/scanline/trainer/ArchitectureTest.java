package io.scanline.trainer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** cli -> training -> models -> nn -> ops, and nobody but cli sees all. */
@AnalyzeClasses(packages = "io.scanline.trainer", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] AROUND = {"..trainer.cli..", "..trainer.export..", "..trainer.report.."};

    @ArchTest
    static final ArchRule opsStandAlone = noClasses()
            .that().resideInAPackage("..trainer.ops..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "..trainer.nn..", "..trainer.models..", "..trainer.training..", "..trainer.data..",
                    "..trainer.evaluation..", "..trainer.cli..", "..trainer.export..", "..trainer.report..");

    @ArchTest
    static final ArchRule layersKnowOnlyOps = noClasses()
            .that().resideInAPackage("..trainer.nn..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "..trainer.models..", "..trainer.training..", "..trainer.data..", "..trainer.evaluation..",
                    "..trainer.cli..", "..trainer.export..", "..trainer.report..");

    @ArchTest
    static final ArchRule modelsKnowOnlyLayersAndOps = noClasses()
            .that().resideInAPackage("..trainer.models..")
            .should().dependOnClassesThat().resideInAnyPackage(
                    "..trainer.training..", "..trainer.data..", "..trainer.evaluation..",
                    "..trainer.cli..", "..trainer.export..", "..trainer.report..");

    @ArchTest
    static final ArchRule trainingKnowsNoCommandAndNoBundle = noClasses()
            .that().resideInAnyPackage("..trainer.training..", "..trainer.data..", "..trainer.evaluation..")
            .should().dependOnClassesThat().resideInAnyPackage(AROUND[0], AROUND[1]);

    @ArchTest
    static final ArchRule onlyCommandsKnowCommands = noClasses()
            .that().resideInAnyPackage("..trainer.export..", "..trainer.report..")
            .should().dependOnClassesThat().resideInAPackage("..trainer.cli..");

    @ArchTest
    static final ArchRule trainerNeverSeesTheServer = noClasses()
            .should().dependOnClassesThat().resideInAPackage("io.scanline.server..");

    @ArchTest
    static final ArchRule libtorchIsSeenByOpsAndTrainingOnly = noClasses()
            .that().resideOutsideOfPackages("..trainer.ops..", "..trainer.training..")
            .should().dependOnClassesThat().resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule onnxRuntimeIsSeenByOpsAndExportOnly = noClasses()
            .that().resideOutsideOfPackages("..trainer.ops..", "..trainer.export..")
            .should().dependOnClassesThat().resideInAPackage("ai.onnxruntime..");
}
