# From fitted models to tables, reports and the page that links them.


rule tables:
    input:
        LAYOUT.model("{cohort}", "{collection}", "{run}"),
    output:
        directory(LAYOUT.tables("{cohort}", "{collection}", "{run}")),
    log:
        LAYOUT.log("tables", "{cohort}", "{collection}", "{run}"),
    benchmark:
        LAYOUT.benchmark("tables", "{cohort}", "{collection}", "{run}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        status=lambda wildcards: LAYOUT.status("tables", *wildcards),
    shell:
        "pathfa tables {input:q} --out {output:q} --cohort {wildcards.cohort:q}"
        " --collection {wildcards.collection:q} --run {wildcards.run:q} --status {params.status:q} > {log:q} 2>&1"


rule report:
    input:
        model=LAYOUT.model("{cohort}", "{collection}", "{run}"),
        covariates=covariate_file,
        checks=checks_of,
    output:
        files=directory(LAYOUT.report_files("{cohort}", "{collection}", "{run}")),
        page=report(
            LAYOUT.report("{cohort}", "{collection}", "{run}"),
            category="{cohort}",
            labels={"cohort": "{cohort}", "gene sets": "{collection}", "run": "{run}"},
        ),
    log:
        LAYOUT.log("report", "{cohort}", "{collection}", "{run}"),
    benchmark:
        LAYOUT.benchmark("report", "{cohort}", "{collection}", "{run}")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(),
        runtime=minutes(0.5),
    params:
        covariates=lambda wildcards: commands.covariate_options(
            cohort_of(wildcards), CONFIG.covariates
        ),
        checks=lambda wildcards, input: commands.checks_file(str(input.checks)),
        options=lambda wildcards: commands.report_options(CONFIG, wildcards.cohort),
        status=lambda wildcards: LAYOUT.status("report", *wildcards),
    shell:
        "pathfa report {input.model:q} {params.covariates} {params.checks} {params.options} --out {output.page:q}"
        " --cohort {wildcards.cohort:q} --collection {wildcards.collection:q} --run {wildcards.run:q}"
        " --status {params.status:q} > {log:q} 2>&1"


rule index:
    input:
        results=results,
        gate=LAYOUT.gate,
    output:
        report(LAYOUT.index, category="index"),
    log:
        LAYOUT.log("index"),
    benchmark:
        LAYOUT.benchmark("index")
    conda:
        "../envs/pathfa.yaml"
    container:
        CONTAINER
    resources:
        mem_mb=memory(0.5),
        runtime=minutes(0.5),
    params:
        folder=lambda wildcards, output: str(Path(output[0]).parent),
        options=commands.index_options(CONFIG),
        status=LAYOUT.status("index"),
    shell:
        "pathfa index {params.folder:q} {params.options} --out {output:q} --status {params.status:q} > {log:q} 2>&1"
