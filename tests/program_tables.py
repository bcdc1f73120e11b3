"""One small made-up table per layout of presets.yaml, with the exact matrix that it holds."""

import numpy as np

from pathfa.data import read_cohort

NAN = np.nan


def rows(*lines: str) -> str:
    """Return lines with tabs in the place of bars."""
    return "\n".join(row.replace(" | ", "\t").replace("| ", "\t").replace(" |", "\t") for row in lines) + "\n"


TABLES = {
    "MaxQuant, proteinGroups.txt": (
        "proteinGroups.txt",
        rows(
            "Protein IDs | Majority protein IDs | Gene names | Peptides | Peptides P1 | Intensity P1 | Intensity P2 | "
            "LFQ intensity P1 | LFQ intensity P2 | Only identified by site | Reverse | Potential contaminant",
            "Q1;Q2 | Q1;Q2 | MX1;MX2 | 3 | 2 | 9 | 9 | 100 | 0 |  |  | ",
            "Q3 | Q3 |  | 3 | 2 | 9 | 9 | 7 | 5.5 |  |  | ",
            "REV__Q4 | REV__Q4 | OAS1 | 3 | 2 | 9 | 9 | 1 | 1 |  | + | ",
            "CON__Q5 | CON__Q5 | KRT1 | 3 | 2 | 9 | 9 | 1 | 1 |  |  | +",
            "Q6 | Q6 | ISG15 | 1 | 1 | 9 | 9 | 1 | 1 | + |  | ",
        ),
        ["P1", "P2"],
        {"MX1": [100, NAN], "Q3": [7, 5.5]},
    ),
    "DIA-NN, report.pg_matrix.tsv": (
        "report.pg_matrix.tsv",
        rows(
            "Protein.Group | Protein.Ids | Protein.Names | Genes | First.Protein.Description | "
            r"D:\raw\P1.raw | /raw/P2.mzML",
            "Q1 | Q1 | MX1_HUMAN | MX1;MX2 | text | 100.5 | ",
            "Q2 | Q2 | X_HUMAN |  | text | 3 | 4",
            "Cont_Q3 | Q3 | K_HUMAN | KRT1 | text | 3 | 4",
        ),
        ["P1", "P2"],
        {"MX1": [100.5, NAN], "Q2": [3, 4]},
    ),
    "DIA-NN, report.gg_matrix.tsv and report.unique_genes_matrix.tsv": (
        "report.gg_matrix.tsv",
        rows(r"Genes | N.Sequences | C:\raw\P1.raw | /raw/P2.d", "MX1;MX2 | 3 | 100.5 | ", "OAS1 | 2 | 3 | 4"),
        ["P1", "P2"],
        {"MX1": [100.5, NAN], "OAS1": [3, 4]},
    ),
    "DIA-NN, report.tsv (PG.MaxLFQ)": (
        "report.tsv",
        rows(
            "Run | Protein.Group | Genes | PG.MaxLFQ | Precursor.Id",
            "P1 | Q1 | MX1 | 5 | AAK2",
            "P1 | Q1 | MX1 | 5 | CCK2",
            "P2 | Q1 | MX1 | 6 | AAK2",
            "P2 | Q2 | OAS1 | 7 | GGR2",
        ),
        ["P1", "P2"],
        {"MX1": [5, 6], "OAS1": [NAN, 7]},
    ),
    "FragPipe, combined_protein.tsv": (
        "combined_protein.tsv",
        rows(
            "Protein | Protein ID | Entry Name | Gene | Protein Length | Combined Total Peptides | P1 Spectral Count | "
            "P1 Unique Spectral Count | P2 Spectral Count | P1 Intensity | P2 Intensity | P1 MaxLFQ Intensity | "
            "P2 MaxLFQ Intensity | Indistinguishable Proteins",
            "sp|Q1 | Q1 | MX1_HUMAN | MX1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 20 | 0 | ",
            "contam_sp|Q2 | Q2 | K | KRT1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 20 | 30 | ",
            "sp|Q3 | Q3 | O | OAS1 | 300 | 4 | 1 | 1 | 1 | 8 | 8 | 2 | 3 | sp;x",
        ),
        ["P1", "P2"],
        {"MX1": [20, NAN], "OAS1": [2, 3]},
    ),
    "FragPipe, abundance_gene_MD.tsv and abundance_protein_MD.tsv of TMT-Integrator": (
        "abundance_gene_MD.tsv",
        rows(
            "Index | NumberPSM | ProteinID | MaxPepProb | ReferenceIntensity | P1 | P2",
            "MX1 | 4 | Q1 | 1 | 20.5 | -0.5 | NA",
            "OAS1 | 4 | Q2 | 1 | 20.5 | 0.25 | 1",
        ),
        ["P1", "P2"],
        {"MX1": [-0.5, NAN], "OAS1": [0.25, 1]},
    ),
    "Proteome Discoverer, proteins as text": (
        "proteins.txt",
        rows(
            "Checked | Accession | Description | Contaminant | Sum PEP Score | # PSMs | Gene Symbol | "
            "Abundance: F1: P1 | Abundance: F2: P2 | Abundances (Normalized): F1: P1 | Abundances (Normalized): F2: P2",
            "False | Q1 | text | False | 3.5 | 4 | MX1; MX2 | 9 | 9 | 100 | ",
            "False | Q2 | text | True | 3.5 | 4 | KRT1 | 9 | 9 | 100 | 3",
            "False | Q3 | text | False | 3.5 | 4 |  | 9 | 9 | 7 | 5.5",
        ),
        ["F1: P1", "F2: P2"],
        {"MX1": [100, NAN], "Q3": [7, 5.5]},
    ),
    "Spectronaut, pivot report of protein groups": (
        "pivot.tsv",
        rows(
            "PG.ProteinGroups | PG.Genes | PG.ProteinDescriptions | [1] P1.raw.PG.Quantity | [2] P2.raw.PG.Quantity | "
            "[1] P1.raw.PG.NrOfStrippedSequencesIdentified",
            "Q1;Q2 | MX1;MX2 | text | 10.5 | Filtered | 3",
            "Q3 | OAS1 | text | 3 | 4 | 2",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, NAN], "OAS1": [3, 4]},
    ),
    "Spectronaut, long report": (
        "report.tsv",
        rows(
            "R.FileName | PG.ProteinGroups | PG.Genes | PG.Quantity",
            "P1 | Q1 | MX1 | 10",
            "P2 | Q1 | MX1 | Filtered",
            "P1 | Q2 | OAS1 | 3",
            "P2 | Q2 | OAS1 | 4",
        ),
        ["P1", "P2"],
        {"MX1": [10, NAN], "OAS1": [3, 4]},
    ),
    "Olink NPX Manager and Explore, long table": (
        "npx.csv",
        rows(
            "SampleID;Sample_Type;OlinkID;UniProt;Assay;Panel;QC_Warning;LOD;NPX",
            "P1;SAMPLE;O1;Q1;MX1;INF;Pass;0.1;-1.5",
            "P2;SAMPLE;O1;Q1;MX1;INF;Warning;0.1;2",
            "P1;SAMPLE;O2;Q2;OAS1;INF;Pass;0.1;3",
            "CONTROL_SAMPLE_AS_1;CONTROL;O1;Q1;MX1;INF;Pass;0.1;9",
        ),
        ["P1", "P2"],
        {"MX1": [-1.5, 2], "OAS1": [3, NAN]},
    ),
    "cBioPortal, data_mrna_*.txt and other tables of genes": (
        "data_mrna_seq_v2_rsem.txt",
        rows(
            "Hugo_Symbol | Entrez_Gene_Id | P1 | P2",
            "MX1 | 4599 | 10.5 | 3",
            " | 100 | 1 | 2",
            "OAS1 | 4938 | [Not Available] | 4",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "100": [1, 2], "OAS1": [NAN, 4]},
    ),
    "cBioPortal, data_rppa.txt and data_protein_quantification.txt": (
        "data_rppa.txt",
        rows("Composite.Element.REF | P1 | P2", "MX1|MX1_pS3 | 0.5 | NA", "OAS1|OAS1 | 1 | 2"),
        ["P1", "P2"],
        {"MX1": [0.5, NAN], "OAS1": [1, 2]},
    ),
    "GDC, *.rna_seq.augmented_star_gene_counts.tsv": (
        "x.rna_seq.augmented_star_gene_counts.tsv",
        "# gene-model: GENCODE v36\n"
        + rows(
            "gene_id | gene_name | gene_type | unstranded | stranded_first | tpm_unstranded",
            "N_unmapped |  |  | 12345 | 12345 | ",
            "ENSG00000157601.14 | MX1 | protein_coding | 10 | 5 | 1.5",
            "ENSG00000089127.13 | OAS1 | protein_coding | 7 | 5 | 2.5",
        ),
        ["unstranded"],
        {"MX1": [10], "OAS1": [7]},
    ),
    "featureCounts (Subread), counts.txt": (
        "counts.txt",
        '# Program:featureCounts v2.0.3; Command:"featureCounts" "-a" "x.gtf"\n'
        + rows(
            "Geneid | Chr | Start | End | Strand | Length | /bam/P1.sorted.bam | P2_Aligned.sortedByCoord.out.bam",
            "MX1 | chr1;chr1 | 1;5 | 3;9 | +;+ | 1000 | 10 | 3",
            "OAS1 | chr1 | 1 | 9 | + | 900 | 7 | 0",
        ),
        ["P1", "P2"],
        {"MX1": [10, 3], "OAS1": [7, 0]},
    ),
    "featureCounts (Subread), columns of counts.txt cut out": (
        "counts_only.txt",
        rows(
            "Geneid | Length | /bam/P1.sorted.bam | P2Aligned.sortedByCoord.out.bam",
            "MX1 | 9 | 10 | 3",
            "OAS1 | 9 | 7 | 0",
        ),
        ["P1", "P2"],
        {"MX1": [10, 3], "OAS1": [7, 0]},
    ),
    "DESeq2, results beside the values of the samples": (
        "deseq2.csv",
        "gene,baseMean,log2FoldChange,lfcSE,stat,pvalue,padj,P1,P2\nMX1,9,1,2,3,0.1,0.2,10.5,3\nOAS1,9,1,2,3,0.1,NA,7,0\n",
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0]},
    ),
    "limma, topTable beside the values of the samples": (
        "limma.csv",
        "gene,logFC,AveExpr,t,P.Value,adj.P.Val,B,P1,P2\nMX1,1,2,3,0.1,0.2,4,10.5,3\nOAS1,1,2,3,0.1,0.2,4,7,0.5\n",
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0.5]},
    ),
    "edgeR, topTags beside the values of the samples": (
        "edger.csv",
        "gene,logFC,logCPM,F,PValue,FDR,P1,P2\nMX1,1,2,3,0.1,0.2,10.5,3\nOAS1,1,2,3,0.1,0.2,7,0.5\n",
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0.5]},
    ),
    "nf-core/rnaseq, salmon.merged.gene_counts.tsv": (
        "salmon.merged.gene_counts.tsv",
        rows("gene_id | gene_name | P1 | P2", "ENSG1 | MX1 | 10.5 | 3", "ENSG2 | MX1 | 1 | 1", "ENSG3 | OAS1 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [11.5, 4], "OAS1": [7, 0]},
    ),
    "nf-core/rnaseq, salmon.merged.gene_tpm.tsv": (
        "salmon.merged.gene_tpm.tsv",
        rows("gene_id | gene_name | P1 | P2", "ENSG1 | MX1 | 10.5 | 3", "ENSG3 | OAS1 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0]},
    ),
    "nf-core/rnaseq, rsem.merged.gene_counts.tsv (STAR and RSEM)": (
        "rsem.merged.gene_counts.tsv",
        rows("gene_id | transcript_id(s) | P1 | P2", "MX1 | T1,T2 | 10.5 | 3", "OAS1 | T3 | 7 | 0"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, 0]},
    ),
    "STAR, ReadsPerGene.out.tab": (
        "ReadsPerGene.out.tab",
        rows("N_unmapped | 9 | 9 | 9", "N_noFeature | 9 | 9 | 9", "MX1 | 10 | 5 | 5", "OAS1 | 7 | 4 | 3"),
        ["unstranded"],
        {"MX1": [10], "OAS1": [7]},
    ),
    "RSEM, *.genes.results": (
        "P1.genes.results",
        rows(
            "gene_id | transcript_id(s) | length | effective_length | expected_count | TPM | FPKM",
            "MX1 | T1,T2 | 900 | 800 | 10.5 | 3 | 2",
            "OAS1 | T3 | 900 | 800 | 7 | 1 | 1",
        ),
        ["expected_count"],
        {"MX1": [10.5], "OAS1": [7]},
    ),
    "salmon, quant.sf and quant.genes.sf": (
        "quant.sf",
        rows("Name | Length | EffectiveLength | TPM | NumReads", "MX1 | 900 | 800 | 3 | 10.5", "OAS1 | 9 | 8 | 1 | 7"),
        ["NumReads"],
        {"MX1": [10.5], "OAS1": [7]},
    ),
    "StringTie, gene_abund.tab (option -A)": (
        "gene_abund.tab",
        rows(
            "Gene ID | Gene Name | Reference | Strand | Start | End | Coverage | FPKM | TPM",
            "ENSG1 | MX1 | chr21 | + | 1 | 9 | 30.5 | 7.25 | 10.5",
            "MSTRG.1 | - | chr1 | . | 1 | 9 | 3 | 2 | 1",
            "ENSG3 | OAS1 | chr12 | + | 1 | 9 | 9 | 4 | 7",
        ),
        ["TPM"],
        {"MX1": [10.5], "OAS1": [7]},
    ),
    "kallisto, abundance.tsv": (
        "abundance.tsv",
        rows(
            "target_id | length | eff_length | est_counts | tpm", "MX1 | 900 | 800 | 10.5 | 3", "OAS1 | 9 | 8 | 7 | 1"
        ),
        ["est_counts"],
        {"MX1": [10.5], "OAS1": [7]},
    ),
    "HTSeq, the output of htseq-count": (
        "P1.htseq.txt",
        rows("MX1 | 10", "OAS1 | 7", "__no_feature | 900"),
        ["count"],
        {"MX1": [10], "OAS1": [7]},
    ),
    "GenePattern, GTEx, Broad, .gct 1.2 and 1.3": (
        "rna.gct",
        "#1.3\n2\t2\t2\t1\n"
        + rows(
            "id | geneSymbol | level | P1 | P2",
            "sex | na | na | F | M",
            "1_at | MX1 | 3 | 10.5 | 3",
            "2_at | OAS1 | 4 | 7 | ",
        ),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, NAN]},
    ),
    "LinkedOmics, .cct, .cbt and .tsi": (
        "rna.cct",
        rows("attrib_name | P1 | P2", "MX1 | 10.5 | 3", "OAS1 | 7 | NA"),
        ["P1", "P2"],
        {"MX1": [10.5, 3], "OAS1": [7, NAN]},
    ),
}
"""By source: name of the file, content, samples, and values by feature."""


def matrix(path, **options):
    adata = read_cohort({"v": path}, options={"v": {"samples_in": "columns", **options}})["v"]
    return list(adata.obs_names), {name: adata.X[:, at].tolist() for at, name in enumerate(adata.var_names)}
