"""What people of the staff have typed into a form and not sent yet."""
