"""Study 5: recurrent networks in clutter, after Thorat, Aldegheri & Kietzmann 2021, arXiv 2111.07898."""
