package io.scanline.trainer.cli;

import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the recipe that an argument names. */
final class RecipeArgument implements ITypeConverter<Recipe.Source> {
    @Override
    public Recipe.Source convert(String nameOrFile) {
        try {
            return Recipe.load(nameOrFile);
        } catch (IOException unusable) {
            throw new TypeConversionException(unusable.getMessage());
        }
    }
}
