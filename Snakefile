# PathFA from matrices to reports, for one cohort or three hundred.
#
#   snakemake --cores 2                                          the simulated demo cohort
#   snakemake --cores 2 --configfile config.yaml                 your cohorts
#   snakemake --workflow-profile workflows/profiles/slurm ...    the same on a cluster
from snakemake.utils import min_version

min_version("9.12")


if "cohorts" not in config:

    configfile: f"{workflow.basedir}/workflows/config/demo.yaml"


include: "workflows/rules/common.smk"
include: "workflows/rules/stages.smk"
include: "workflows/rules/hooks.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        PLAN.paths.index,
