print('board')
