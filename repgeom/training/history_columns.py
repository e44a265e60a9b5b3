"""What the columns of a training history mean."""

HISTORY_COLUMNS = {
    "epoch": "epochs trained; 0 is the initialisation",
    "train_loss": "mean cross entropy (nats) of the batches trained on, during the epoch",
    "train_accuracy": "fraction correct of the batches trained on, during the epoch",
    "test_loss": "mean cross entropy (nats) on the test split, after the epoch",
    "test_accuracy": "fraction correct on the test split, after the epoch",
    "learning_rate": "at the end of the epoch",
}
