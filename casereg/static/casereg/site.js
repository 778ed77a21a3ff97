// Only improves pages that work without it.
"use strict";

// Whoever sent a form with errors is told of them first.
document.querySelector("[data-error-summary]")?.focus();
