# One fit per cohort, collection and run.


rule fit:
    input:
        cohort=LAYOUT.cohort("{cohort}"),
        gene_sets=LAYOUT.gene_sets("{collection}"),
    output:
        LAYOUT.model("{cohort}", "{collection}", "{run}"),
    log:
        LAYOUT.log("fit", "{cohort}", "{collection}", "{run}"),
    benchmark:
        LAYOUT.benchmark("fit", "{cohort}", "{collection}", "{run}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    threads: threads_of_a_fit
    resources:
        mem_mb=memory(),
        runtime=minutes(),
        gpu=CONFIG.resources.gpu,
    params:
        sizes=lambda wildcards: commands.size_options(collection_of(wildcards)),
        options=lambda wildcards: commands.fit_options(options_of(wildcards)),
        status=lambda wildcards: LAYOUT.status("fit", *wildcards),
    shell:
        "pathfa fit --mudata {input.cohort:q} --gene-sets {input.gene_sets:q} {params.sizes} {params.options}"
        " --n-jobs {threads}"
        " --out {output:q} --cohort {wildcards.cohort:q} --collection {wildcards.collection:q} --run {wildcards.run:q}"
        " --status {params.status:q} > {log:q} 2>&1"


# The checks that refit a model, where the configuration asks for them.


rule check:
    input:
        model=LAYOUT.model("{cohort}", "{collection}", "{run}"),
        cohort=LAYOUT.cohort("{cohort}"),
    output:
        LAYOUT.checks("{cohort}", "{collection}", "{run}"),
    log:
        LAYOUT.log("check", "{cohort}", "{collection}", "{run}"),
    benchmark:
        LAYOUT.benchmark("check", "{cohort}", "{collection}", "{run}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    threads: CONFIG.resources.threads
    resources:
        mem_mb=memory(),
        runtime=minutes(4),
    params:
        checks=commands.check_options(CONFIG.checks),
        status=lambda wildcards: LAYOUT.status("check", *wildcards),
    shell:
        "pathfa check {input.model:q} --mudata {input.cohort:q} {params.checks} --n-jobs {threads} --out {output:q}"
        " --cohort {wildcards.cohort:q} --collection {wildcards.collection:q} --run {wildcards.run:q}"
        " --status {params.status:q} > {log:q} 2>&1"
