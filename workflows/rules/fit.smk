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
    threads: CONFIG.resources.threads
    resources:
        mem_mb=memory(),
        runtime=minutes(),
        gpu=CONFIG.resources.gpu,
    params:
        sizes=lambda wildcards: commands.size_options(collection_of(wildcards)),
        options=lambda wildcards: commands.fit_options(CONFIG.runs[wildcards.run]),
        status=lambda wildcards: LAYOUT.status("fit", *wildcards),
    shell:
        "pathfa fit --mudata {input.cohort:q} --gene-sets {input.gene_sets:q} {params.sizes} {params.options}"
        " --n-jobs {threads}"
        " --out {output:q} --cohort {wildcards.cohort:q} --collection {wildcards.collection:q} --run {wildcards.run:q}"
        " --status {params.status:q} > {log:q} 2>&1"
