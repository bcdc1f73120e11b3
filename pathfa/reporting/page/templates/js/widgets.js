// The parts of the page that are made from the selection.
function startWidgets() {
  startOverview();
  startWidget('factor', makeFactor);
  startWidget('card', makeCard);
  startWidget('gene', makeGene);
  startWidget('sample', makeSample);
  if (atlas.covariates.length) startWidget('covariate', makeCovariate);
}
