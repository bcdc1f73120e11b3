# One rule per stage of pathfa.workflow.stages. The gate is a checkpoint: behind it is known which fits there are.
for stage in STAGES:
    if stage.name != "gate":

        rule:
            name:
                stage.name
            input:
                inputs(stage),
            output:
                outputs(stage),
            log:
                pattern(stage).log,
            benchmark:
                pattern(stage).benchmark
            conda:
                "../envs/pathfa.yaml"
            container:
                PLAN.config.container
            threads: threads_of(stage)
            resources:
                mem_mb=memory(stage),
                runtime=minutes(stage),
                gpu=PLAN.config.resources.gpu if stage.gpu else 0,
            params:
                command=command(stage),
                n_jobs=n_jobs(stage),
            shell:
                "{params.command} {params.n_jobs} > {log:q} 2>&1"


checkpoint gate:
    input:
        inputs(STAGE["gate"]),
    output:
        outputs(STAGE["gate"]),
    log:
        pattern(STAGE["gate"]).log,
    benchmark:
        pattern(STAGE["gate"]).benchmark
    conda:
        "../envs/pathfa.yaml"
    container:
        PLAN.config.container
    resources:
        mem_mb=memory(STAGE["gate"]),
        runtime=minutes(STAGE["gate"]),
    params:
        command=command(STAGE["gate"]),
    shell:
        "{params.command} > {log:q} 2>&1"
