"""Pages of results by themselves, without a study: a dissection, a set of dissections, a comparison."""
