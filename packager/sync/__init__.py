"""Export, import and merge of registries."""
