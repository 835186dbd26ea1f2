"""What is told to the public of a procedure: notices in eForms, essential data (DECP), OCDS releases."""
