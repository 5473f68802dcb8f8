"""Fine-tuning of text classifiers with AMPLIFY and the baselines it is compared to."""
