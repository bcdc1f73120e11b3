// The parts of the page that are made from the selection.
function startWidgets() {
  startOverview();
  startWidget('card', makeCard);
  startWidget('sample', makeSample);
  if (atlas.covariates.length) startWidget('covariate', makeCovariate);
}
