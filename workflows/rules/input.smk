# From the files of the configuration to cohorts and gene sets that can be fitted.


rule simulate:
    output:
        [LAYOUT.demo_file("{seed}", name) for name in DEMO_FILES],
    log:
        LAYOUT.log("simulate", "{seed}"),
    benchmark:
        LAYOUT.benchmark("simulate", "{seed}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        folder=lambda wildcards: LAYOUT.demo(wildcards.seed),
        status=lambda wildcards: LAYOUT.status("simulate", wildcards.seed),
    shell:
        "pathfa simulate --seed {wildcards.seed} --out {params.folder:q} --status {params.status:q} > {log:q} 2>&1"


rule gene_sets:
    input:
        lambda wildcards: present([collection_of(wildcards)]),
    output:
        gmt=LAYOUT.gene_sets("{collection}"),
        found=LAYOUT.collection("{collection}"),
    log:
        LAYOUT.log("gene_sets", "{collection}"),
    benchmark:
        LAYOUT.benchmark("gene_sets", "{collection}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        options=lambda wildcards: commands.collection_options(collection_of(wildcards)),
        status=lambda wildcards: LAYOUT.status("gene_sets", wildcards.collection),
    shell:
        "pathfa genesets {params.options} --out {output.gmt:q} --found {output.found:q} --name {wildcards.collection:q}"
        " --status {params.status:q} > {log:q} 2>&1"


rule validate:
    input:
        files=data_files,
        covariates=covariate_file,
        gene_sets=lambda wildcards: [
            LAYOUT.gene_sets(name) for name in collections_of(wildcards)
        ],
    output:
        LAYOUT.validation("{cohort}"),
    log:
        LAYOUT.log("validate", "{cohort}"),
    benchmark:
        LAYOUT.benchmark("validate", "{cohort}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        cohort=lambda wildcards: commands.cohort_options(cohort_of(wildcards)),
        covariates=lambda wildcards: commands.covariate_options(
            cohort_of(wildcards), CONFIG.covariates
        ),
        gene_sets=lambda wildcards: commands.validate_options(
            {name: CONFIG.gene_sets[name] for name in collections_of(wildcards)},
            LAYOUT,
        ),
        status=lambda wildcards: LAYOUT.status("validate", wildcards.cohort),
    shell:
        "pathfa validate {params.cohort} {params.covariates} {params.gene_sets} --cohort {wildcards.cohort:q} --out {output:q}"
        " --status {params.status:q} > {log:q} 2>&1"


checkpoint gate:
    input:
        validations=[LAYOUT.validation(cohort) for cohort in CONFIG.cohorts],
        collections=[LAYOUT.collection(name) for name in CONFIG.gene_sets],
    output:
        LAYOUT.gate,
    log:
        LAYOUT.log("gate"),
    benchmark:
        LAYOUT.benchmark("gate")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(0.5),
        runtime=minutes(0.5),
    params:
        options=commands.gate_options(CONFIG.gate),
        collections=commands.collection_files(CONFIG, LAYOUT),
        status=LAYOUT.status("gate"),
    shell:
        "pathfa gate {input.validations:q} {params.collections} {params.options} --out {output:q} --status {params.status:q} > {log:q} 2>&1"


rule ingest:
    input:
        files=data_files,
        validation=LAYOUT.validation("{cohort}"),
    output:
        LAYOUT.cohort("{cohort}"),
    log:
        LAYOUT.log("ingest", "{cohort}"),
    benchmark:
        LAYOUT.benchmark("ingest", "{cohort}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        cohort=lambda wildcards, input: commands.cohort_options(
            with_sides(cohort_of(wildcards), Path(input.validation))
        ),
        status=lambda wildcards: LAYOUT.status("ingest", wildcards.cohort),
    shell:
        "pathfa ingest {params.cohort} --cohort {wildcards.cohort:q} --out {output:q} --status {params.status:q}"
        " > {log:q} 2>&1"
